package io.octet.cli.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.io.MalformedFileException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every kind of image that the JDK decodes, beside what Pillow makes of it: `make_images.py` wrote
/// both.
class ImageColoursTest {
  private static final Path FOLDER = folder();

  private static Path folder() {
    try {
      return Path.of(ImageColoursTest.class.getResource("pillow.txt").toURI()).getParent();
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  /// What Pillow's convert("RGB") and convert("L") give.
  record Expected(String name, String rgb, String luma) {
    /// Two decoders of JPEG round differently.
    int tolerance() {
      return name.endsWith(".jpg") ? 3 : 0;
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Expected> images() throws IOException {
    return Files.readAllLines(FOLDER.resolve("pillow.txt")).stream()
        .map(line -> line.split(" "))
        .filter(words -> !words[0].equals("cmyk.jpg") && !words[0].equals("long_row.png"))
        .map(words -> new Expected(words[0], words[1], words[2]));
  }

  private static Planes planes(String name, int channels) throws IOException {
    return new ImageFile(FOLDER.resolve(name)).planes(channels);
  }

  @ParameterizedTest
  @MethodSource("images")
  void coloursAreThoseThatPillowSees(Expected expected) throws IOException {
    Planes image = planes(expected.name(), 3);
    int plane = image.height() * image.width();
    byte[] interleaved = new byte[3 * plane];
    for (int i = 0; i < plane; i++) {
      for (int c = 0; c < 3; c++) {
        interleaved[3 * i + c] = image.pixels()[c * plane + i];
      }
    }
    assertNear(expected.rgb(), interleaved, expected.tolerance());
  }

  @ParameterizedTest
  @MethodSource("images")
  void oneChannelIsTheLumaThatPillowSees(Expected expected) throws IOException {
    assertNear(expected.luma(), planes(expected.name(), 1).pixels(), expected.tolerance());
  }

  static List<String> fits() throws IOException {
    return Files.readAllLines(FOLDER.resolve("pillow_fit.txt"));
  }

  @ParameterizedTest
  @MethodSource("fits")
  void scalingAndCuttingIsPillowsToOneStep(String line) throws IOException {
    String[] words = line.split(" ");
    Planes fitted = planes("rgb.png", 3).fit(ImageSize.parse(words[0]));
    assertNear(words[1], fitted.pixels(), 1);
  }

  private static void assertNear(String hex, byte[] got, int tolerance) {
    byte[] expected = HexFormat.of().parseHex(hex);
    assertEquals(expected.length, got.length);
    for (int i = 0; i < got.length; i++) {
      assertEquals(expected[i] & 0xff, got[i] & 0xff, tolerance, "value " + i);
    }
  }

  @Test
  void coloursOfPrintersAreRefusedByName() {
    MalformedFileException e =
        assertThrows(MalformedFileException.class, () -> planes("cmyk.jpg", 3));
    assertTrue(e.getMessage().contains("cmyk.jpg: its colours are CMYK"), e.getMessage());
    assertTrue(e.getMessage().contains("convert(\"RGB\")"), e.getMessage());
  }

  @Test
  void anImageOfOneRowAndThreeMillionColumnsIsScaledInItsMiddleAlone() throws IOException {
    Planes fitted = planes("long_row.png", 3).fit(new ImageSize(16_384, 64));
    assertEquals(3 * 16_384 * 64, fitted.pixels().length);
    for (byte pixel : fitted.pixels()) {
      assertEquals(85, pixel);
    }
  }
}
