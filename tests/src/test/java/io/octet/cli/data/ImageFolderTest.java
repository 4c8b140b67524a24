package io.octet.cli.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.io.ImageLayout;
import io.octet.io.MalformedFileException;
import io.octet.io.Rows;
import io.octet.tensor.Shape;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageFolderTest {
  @TempDir Path folder;

  private void image(String name, int width, int height, int type, Painter painter)
      throws IOException {
    BufferedImage image = new BufferedImage(width, height, type);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        painter.paint(image, x, y);
      }
    }
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    ImageIO.write(image, "png", file.toFile());
  }

  private interface Painter {
    void paint(BufferedImage image, int x, int y);
  }

  private static Painter solid(Color color) {
    return (image, x, y) -> image.setRGB(x, y, color.getRGB());
  }

  @Test
  void imagesComeInTheOrderOfTheirPathsAsPlanes() throws IOException {
    image("b/2.png", 2, 2, BufferedImage.TYPE_INT_RGB, solid(new Color(1, 2, 3)));
    image("a/9.PNG", 2, 2, BufferedImage.TYPE_INT_ARGB, solid(new Color(250, 100, 0)));
    Files.writeString(folder.resolve("notes.txt"), "not an image");
    try (Rows rows = ImageFolder.open(folder, ImageLayout.NCHW, 3, new ImageSize(1, 2))) {
      assertEquals(Shape.of(2, 3, 1, 2), rows.shape());
      assertArrayEquals(bytes(250, 250, 100, 100, 0, 0), rows.next(1).toBytes());
      assertArrayEquals(bytes(1, 1, 2, 2, 3, 3), rows.next(1).toBytes());
    }
  }

  @Test
  void oneChannelIsLumaAndGreyStaysAsItIs() throws IOException {
    image("1.png", 1, 1, BufferedImage.TYPE_INT_RGB, solid(new Color(200, 100, 50)));
    Painter grey = (image, x, y) -> image.getRaster().setSample(x, y, 0, 77);
    image("2.png", 1, 1, BufferedImage.TYPE_BYTE_GRAY, grey);
    try (Rows rows = ImageFolder.open(folder, ImageLayout.NCHW, 1, new ImageSize(1, 1))) {
      // Pillow: Image.new("RGB", (1, 1), (200, 100, 50)).convert("L") is 124.
      assertArrayEquals(bytes(124, 77), rows.next(2).toBytes());
    }
  }

  @Test
  void resizingIsPillowsBilinearAndKeepsTheMiddle() throws IOException {
    Painter ramp = (image, x, y) -> image.getRaster().setSample(x, y, 0, 16 * (4 * y + x));
    image("ramp.png", 4, 4, BufferedImage.TYPE_BYTE_GRAY, ramp);
    try (Rows half = ImageFolder.open(folder, ImageLayout.NCHW, 1, new ImageSize(2, 2))) {
      // Pillow: resize((2, 2), BILINEAR) of this image.
      assertArrayEquals(PILLOW_HALF, half.next(1).toBytes());
    }
    try (Rows wide = ImageFolder.open(folder, ImageLayout.NCHW, 1, new ImageSize(2, 4))) {
      assertArrayEquals(bytes(64, 80, 96, 112, 128, 144, 160, 176), wide.next(1).toBytes());
    }
    try (Rows larger = ImageFolder.open(folder, ImageLayout.NCHW, 1, new ImageSize(8, 8))) {
      assertArrayEquals(
          PILLOW_FIRST_ROW_OF_8, java.util.Arrays.copyOf(larger.next(1).toBytes(), 8));
    }
  }

  private static final byte[] PILLOW_HALF = bytes(57, 83, 157, 183);
  private static final byte[] PILLOW_FIRST_ROW_OF_8 = bytes(0, 4, 12, 20, 28, 36, 44, 48);

  @Test
  void whatIsNoImageIsRefusedByName() throws IOException {
    assertThrows(
        MalformedFileException.class,
        () -> ImageFolder.open(folder, ImageLayout.NCHW, 3, new ImageSize(1, 1)));
    image("good.png", 5, 5, BufferedImage.TYPE_INT_RGB, solid(Color.RED));
    byte[] png = Files.readAllBytes(folder.resolve("good.png"));
    Files.delete(folder.resolve("good.png"));
    Path bad = folder.resolve("bad.png");
    for (byte[] content :
        new byte[][] {new byte[0], "text".getBytes(), java.util.Arrays.copyOf(png, 40)}) {
      Files.write(bad, content);
      try (Rows rows = ImageFolder.open(folder, ImageLayout.NCHW, 3, new ImageSize(1, 1))) {
        IOException e = assertThrows(MalformedFileException.class, () -> rows.next(1));
        assertTrue(e.getMessage().contains("bad.png"), e.getMessage());
      }
    }
  }

  @Test
  void anImageThatClaimsToBeHugeCostsNoMemory() throws IOException {
    image("huge.png", 1, 1, BufferedImage.TYPE_INT_RGB, solid(Color.RED));
    byte[] png = Files.readAllBytes(folder.resolve("huge.png"));
    png[16] = 0x7f; // the width in the header
    png[20] = 0x7f; // and the height
    Files.write(folder.resolve("huge.png"), png);
    try (Rows rows = ImageFolder.open(folder, ImageLayout.NCHW, 3, new ImageSize(1, 1))) {
      assertThrows(MalformedFileException.class, () -> rows.next(1));
    }
  }

  @Test
  void aSizeIsOneNumberOrTwo() {
    assertEquals(new ImageSize(224, 224), ImageSize.parse("224"));
    assertEquals(new ImageSize(240, 320), ImageSize.parse("240x320"));
    for (String text : new String[] {"", "x", "1x", "0", "-3x4", "10x20x30", "99999999"}) {
      assertThrows(IllegalArgumentException.class, () -> ImageSize.parse(text), text);
    }
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }
}
