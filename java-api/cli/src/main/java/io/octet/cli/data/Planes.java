package io.octet.cli.data;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.Raster;

/// An image as planes of 8-bit pixels, one after the other: grey, or red, green and blue.
///
/// @param channels 1 or 3
/// @param height rows
/// @param width columns
/// @param pixels `channels * height * width` values of 0 to 255
record Planes(int channels, int height, int width, byte[] pixels) {

  /// A decoded image; transparency is dropped. One channel is Pillow's "L": luma of ITU-R 601-2.
  static Planes of(BufferedImage image, int channels) {
    int h = image.getHeight();
    int w = image.getWidth();
    byte[] pixels = new byte[channels * h * w];
    int[] row = new int[w];
    boolean grey = image.getColorModel().getColorSpace().getType() == ColorSpace.TYPE_GRAY;
    for (int y = 0; y < h; y++) {
      if (grey) {
        greyRow(image, y, row);
      } else {
        image.getRGB(0, y, w, 1, row, 0, w);
      }
      for (int x = 0; x < w; x++) {
        put(pixels, channels, h * w, y * w + x, row[x]);
      }
    }
    return new Planes(channels, h, w, pixels);
  }

  /// Java takes the numbers of a grey image for linear light and would brighten them in getRGB.
  private static void greyRow(BufferedImage image, int y, int[] row) {
    Raster raster = image.getRaster();
    int depth = image.getColorModel().getComponentSize(0);
    for (int x = 0; x < row.length; x++) {
      int sample = raster.getSample(x, y, 0);
      int level = depth >= 8 ? sample >> (depth - 8) : sample * 255 / ((1 << depth) - 1);
      row[x] = level << 16 | level << 8 | level;
    }
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

  /// Scaled so that it just covers `size`, then cut to it around the middle.
  Planes fit(ImageSize size) {
    double scale = Math.max((double) size.height() / height, (double) size.width() / width);
    int h = Math.max(size.height(), (int) Math.round(height * scale));
    int w = Math.max(size.width(), (int) Math.round(width * scale));
    Planes scaled = h == height && w == width ? this : resizeRows(h).transpose();
    Planes whole = scaled == this ? this : scaled.resizeRows(w).transpose();
    return whole.crop(size);
  }

  /// Another height: a triangle filter as wide as the step between output rows, as Pillow's
  /// BILINEAR.
  private Planes resizeRows(int rows) {
    byte[] resized = new byte[channels * rows * width];
    double step = (double) height / rows;
    double support = Math.max(1, step);
    double[] sums = new double[width];
    for (int y = 0; y < rows; y++) {
      double center = (y + 0.5) * step;
      int first = (int) Math.max(0, Math.floor(center - support + 0.5));
      int last = (int) Math.min(height, Math.floor(center + support + 0.5));
      for (int c = 0; c < channels; c++) {
        java.util.Arrays.fill(sums, 0);
        double total = 0;
        for (int from = first; from < last; from++) {
          double weight = Math.max(0, 1 - Math.abs((from + 0.5 - center) / support));
          total += weight;
          addRow(sums, (c * height + from) * width, weight);
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

  private Planes crop(ImageSize size) {
    if (size.height() == height && size.width() == width) {
      return this;
    }
    int top = (height - size.height()) / 2;
    int left = (width - size.width()) / 2;
    byte[] cut = new byte[channels * size.height() * size.width()];
    for (int c = 0; c < channels; c++) {
      for (int y = 0; y < size.height(); y++) {
        int from = (c * height + top + y) * width + left;
        System.arraycopy(pixels, from, cut, (c * size.height() + y) * size.width(), size.width());
      }
    }
    return new Planes(channels, size.height(), size.width(), cut);
  }
}
