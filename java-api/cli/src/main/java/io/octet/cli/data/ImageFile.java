package io.octet.cli.data;

import io.octet.io.MalformedFileException;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.stream.ImageInputStream;

/// One image in a file. What its header says is checked before memory is taken for its pixels.
record ImageFile(Path file) {
  private static final long MOST_PIXELS = 200_000_000;

  /// The image, decoded.
  ///
  /// @param channels 1 for grey, 3 for red, green, blue
  /// @throws MalformedFileException if it is no image, is damaged, too large for this process, or
  ///   has colours that are neither RGB nor grey
  Planes planes(int channels) throws IOException {
    BufferedImage image = decode(channels);
    if (!Planes.knows(image.getColorModel())) {
      throw refusal(
          "its colours are "
              + name(image.getColorModel().getColorSpace())
              + ", but RGB and grey of 8 or 16 bits are read; save it as such, as Pillow's"
              + " convert(\"RGB\") does");
    }
    return Planes.of(image, channels);
  }

  private static String name(ColorSpace space) {
    return switch (space.getType()) {
      case ColorSpace.TYPE_CMYK -> "CMYK";
      case ColorSpace.TYPE_RGB, ColorSpace.TYPE_GRAY -> "no integers";
      default -> "of another kind (" + space.getNumComponents() + " components)";
    };
  }

  private BufferedImage decode(int channels) throws IOException {
    try (ImageInputStream in = ImageIO.createImageInputStream(file.toFile())) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
      if (!readers.hasNext()) {
        throw refusal("not an image, by its first bytes");
      }
      ImageReader reader = readers.next();
      try {
        reader.setInput(in, true, true);
        requireSize(reader, channels);
        return reader.read(0, asStored(reader));
      } finally {
        reader.dispose();
      }
    } catch (MalformedFileException e) {
      throw e;
    } catch (IOException | RuntimeException e) { // the JDK's readers throw both for damaged files
      throw new MalformedFileException(file.toString(), "cannot be decoded: " + e.getMessage(), e);
    }
  }

  private void requireSize(ImageReader reader, int channels) throws IOException {
    long width = reader.getWidth(0);
    long height = reader.getHeight(0);
    if (width < 1 || height < 1 || width * height > MOST_PIXELS) {
      throw refusal(height + "x" + width + " pixels, but " + MOST_PIXELS + " are the most");
    }
    ImageTypeSpecifier type = reader.getRawImageType(0);
    int stored = type == null ? Integer.BYTES : (type.getColorModel().getPixelSize() + 7) / 8;
    long bytes = width * height * (stored + channels);
    if (bytes > Runtime.getRuntime().maxMemory()) {
      throw refusal(
          height
              + "x"
              + width
              + " pixels take "
              + bytes
              + " bytes, but Java may have "
              + Runtime.getRuntime().maxMemory()
              + " (-Xmx)");
    }
  }

  /// The JPEG reader would apply a colour profile that stands in the file, which Pillow does not:
  /// networks are trained on the numbers as they are stored.
  private static ImageReadParam asStored(ImageReader reader) throws IOException {
    ImageReadParam how = reader.getDefaultReadParam();
    for (Iterator<ImageTypeSpecifier> types = reader.getImageTypes(0); types.hasNext(); ) {
      ImageTypeSpecifier type = types.next();
      ColorSpace space = type.getColorModel().getColorSpace();
      if (space.getType() == ColorSpace.TYPE_RGB && !space.isCS_sRGB()) {
        how.setDestinationType(type);
      }
    }
    return how;
  }

  private MalformedFileException refusal(String problem) {
    return new MalformedFileException(file.toString(), problem);
  }
}
