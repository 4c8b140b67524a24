package io.octet.cli.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import org.junit.jupiter.api.Test;

/// Sizes of images, luma, and which source pixels a scaled one is made of.
class SizesOfImagesTest {
  @Test
  void aSideHas1To16384Pixels() {
    assertEquals(new ImageSize(1, 16_384), ImageSize.parse("1x16384"));
    assertEquals("240x320", ImageSize.parse(" 240 x 320 ").toString());
    assertEquals(new ImageSize(3, 4), ImageSize.of(3, 4));
    for (String text : new String[] {"0x1", "1x0", "16385x1", "1x16385", "4294967297"}) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> ImageSize.parse(text), text);
      assertTrue(e.getMessage().contains("1 to 16384 pixels a side"), e.getMessage());
    }
    assertThrows(IllegalArgumentException.class, () -> ImageSize.of(4_294_967_297L, 1));
  }

  @Test
  void lumaIsRoundedAsPillowRoundsIt() {
    assertEquals(76, luma(255, 0, 0)); // 76.245
    assertEquals(150, luma(0, 255, 0)); // 149.685
    assertEquals(29, luma(0, 0, 255)); // 29.07
    assertEquals(255, luma(255, 255, 255));
    assertEquals(0, luma(0, 0, 0));
    assertEquals(1, luma(0, 0, 5)); // 0.57
    assertEquals(0, luma(0, 0, 4)); // 0.456
    assertEquals(1, luma(2, 0, 0)); // 0.598
    assertEquals(0, luma(1, 0, 0)); // 0.299
    assertEquals(124, luma(200, 100, 50));
  }

  private static int luma(int red, int green, int blue) {
    BufferedImage image = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB);
    image.setRGB(0, 0, red << 16 | green << 8 | blue);
    return Planes.of(image, 1).pixels()[0] & 0xff;
  }

  @Test
  void halvingWeighsFourPixelsByTheirDistance() {
    Resampling half = Resampling.of(8, 4, 0.5);
    assertEquals(new Resampling(8, 4, 0), half);
    assertEquals(0, half.begin(0));
    assertEquals(3, half.end(0));
    assertEquals(1, half.begin(1));
    assertEquals(5, half.end(1));
    assertEquals(0.25, half.weight(1, 1));
    assertEquals(0.75, half.weight(1, 2));
    assertEquals(0.75, half.weight(1, 3));
    assertEquals(0.25, half.weight(1, 4));
    assertEquals(0, half.weight(1, 7));
    assertEquals(8, half.end(3));
  }

  @Test
  void theMiddleIsKept() {
    Resampling cut = Resampling.of(10, 4, 1);
    assertEquals(new Resampling(10, 10, 3), cut);
    assertEquals(3, cut.begin(0));
    assertEquals(1, cut.weight(0, 3));
    assertEquals(0, cut.weight(0, 4));
    assertEquals(new Resampling(1, 3_000_000_000L, 1_499_999_999L), Resampling.of(1, 1, 3e9));
    assertEquals(new Resampling(3, 4, 0), Resampling.of(3, 4, 1.2)); // never less than is kept
  }
}
