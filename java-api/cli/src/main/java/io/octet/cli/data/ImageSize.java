package io.octet.cli.data;

/// Height and width in pixels, as `--size` writes them.
///
/// @param height at least 1
/// @param width at least 1
public record ImageSize(int height, int width) {
  private static final int LARGEST = 1 << 14;

  /// Validates.
  public ImageSize {
    require(height, width);
  }

  /// Sizes as a model has them.
  ///
  /// @throws IllegalArgumentException if no image has them
  public static ImageSize of(long height, long width) {
    require(height, width);
    return new ImageSize((int) height, (int) width);
  }

  private static void require(long height, long width) {
    if (height < 1 || width < 1 || height > LARGEST || width > LARGEST) {
      throw new IllegalArgumentException(
          "an image has 1 to " + LARGEST + " pixels a side, but got " + height + "x" + width);
    }
  }

  /// "224" or "240x320", height first.
  ///
  /// @throws IllegalArgumentException if the text is neither
  public static ImageSize parse(String text) {
    String[] sides = text.split("x", 2);
    try {
      long height = Long.parseLong(sides[0].strip());
      return of(height, sides.length == 1 ? height : Long.parseLong(sides[1].strip()));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "expected a size such as 224 or 240x320 (height first), but got \"" + text + "\"", e);
    }
  }

  @Override
  public String toString() {
    return height + "x" + width;
  }
}
