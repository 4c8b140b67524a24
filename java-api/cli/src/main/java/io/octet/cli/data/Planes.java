package io.octet.cli.data;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.util.Arrays;

/// An image as planes of 8-bit pixels, one after the other: grey, or red, green and blue.
///
/// @param channels 1 or 3
/// @param height rows
/// @param width columns
/// @param pixels `channels * height * width` values of 0 to 255
record Planes(int channels, int height, int width, byte[] pixels) {

  /// Whether the colours of an image are red, green and blue, or grey, in integers: no others are
  /// converted.
  static boolean knows(ColorModel colours) {
    int space = colours.getColorSpace().getType();
    boolean integers =
        colours.getTransferType() == DataBuffer.TYPE_BYTE
            || colours.getTransferType() == DataBuffer.TYPE_USHORT
            || !(colours instanceof ComponentColorModel);
    return integers && (space == ColorSpace.TYPE_RGB || space == ColorSpace.TYPE_GRAY);
  }

  /// A decoded image of colours that are known. Transparency is dropped; palettes are looked up; of
  /// 16 bits the upper 8 are taken, and fewer are spread over 0 to 255. One channel is Pillow's
  /// "L": luma of ITU-R 601-2.
  static Planes of(BufferedImage image, int channels) {
    int h = image.getHeight();
    int w = image.getWidth();
    byte[] pixels = new byte[channels * h * w];
    int[] row = new int[w];
    // Palettes and packed colours: Java's own numbers. It would brighten grey, which it takes for
    // linear light, and round 16 bits.
    boolean stored = image.getColorModel() instanceof ComponentColorModel;
    for (int y = 0; y < h; y++) {
      if (stored) {
        storedRow(image, y, row);
      } else {
        image.getRGB(0, y, w, 1, row, 0, w);
      }
      for (int x = 0; x < w; x++) {
        put(pixels, channels, h * w, y * w + x, row[x]);
      }
    }
    return new Planes(channels, h, w, pixels);
  }

  /// The numbers as they stand in the image, without a colour profile.
  private static void storedRow(BufferedImage image, int y, int[] row) {
    Raster raster = image.getRaster();
    ColorModel colours = image.getColorModel();
    int green = colours.getNumColorComponents() == 1 ? 0 : 1;
    for (int x = 0; x < row.length; x++) {
      row[x] =
          level(raster, x, y, 0, colours) << 16
              | level(raster, x, y, green, colours) << 8
              | level(raster, x, y, 2 * green, colours);
    }
  }

  private static int level(Raster raster, int x, int y, int band, ColorModel colours) {
    int depth = colours.getComponentSize(band);
    int sample = raster.getSample(x, y, band);
    return depth >= 8 ? sample >> (depth - 8) : sample * 255 / ((1 << depth) - 1);
  }

  private static void put(byte[] pixels, int channels, int plane, int at, int rgb) {
    int red = rgb >> 16 & 0xff;
    int green = rgb >> 8 & 0xff;
    int blue = rgb & 0xff;
    if (channels == 1) {
      pixels[at] = (byte) ((19_595 * red + 38_470 * green + 7_471 * blue + 0x8000) >> 16);
    } else {
      pixels[at] = (byte) red;
      pixels[plane + at] = (byte) green;
      pixels[2 * plane + at] = (byte) blue;
    }
  }

  /// Scaled so that it just covers `size`, then cut to it around the middle. Only what is left in
  /// the end is computed: an image of one row and a million columns is never scaled whole.
  Planes fit(ImageSize size) {
    double scale = Math.max((double) size.height() / height, (double) size.width() / width);
    Resampling rows = Resampling.of(height, size.height(), scale);
    Resampling columns = Resampling.of(width, size.width(), scale);
    Planes needed = columns(columns.begin(0), columns.end(size.width() - 1));
    return needed
        .resizeRows(rows, size.height(), 0)
        .transpose()
        .resizeRows(columns, size.width(), columns.begin(0))
        .transpose();
  }

  /// The columns `from` to `to`, the last one left out.
  private Planes columns(int from, int to) {
    if (from == 0 && to == width) {
      return this;
    }
    int narrow = to - from;
    byte[] cut = new byte[channels * height * narrow];
    for (int row = 0; row < channels * height; row++) {
      System.arraycopy(pixels, row * width + from, cut, row * narrow, narrow);
    }
    return new Planes(channels, height, narrow, cut);
  }

  /// Another height. The first row here is row `offset` of what is resampled.
  private Planes resizeRows(Resampling resampling, int rows, int offset) {
    byte[] resized = new byte[channels * rows * width];
    double[] sums = new double[width];
    for (int y = 0; y < rows; y++) {
      for (int c = 0; c < channels; c++) {
        Arrays.fill(sums, 0);
        double total = 0;
        for (int from = resampling.begin(y); from < resampling.end(y); from++) {
          double weight = resampling.weight(y, from);
          total += weight;
          addRow(sums, (c * height + from - offset) * width, weight);
        }
        for (int x = 0; x < width; x++) {
          resized[(c * rows + y) * width + x] = (byte) Math.round(sums[x] / total);
        }
      }
    }
    return new Planes(channels, rows, width, resized);
  }

  private void addRow(double[] sums, int offset, double weight) {
    for (int x = 0; x < width; x++) {
      sums[x] += weight * (pixels[offset + x] & 0xff);
    }
  }

  private Planes transpose() {
    byte[] turned = new byte[pixels.length];
    for (int c = 0; c < channels; c++) {
      int plane = c * height * width;
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          turned[plane + x * height + y] = pixels[plane + y * width + x];
        }
      }
    }
    return new Planes(channels, width, height, turned);
  }
}
