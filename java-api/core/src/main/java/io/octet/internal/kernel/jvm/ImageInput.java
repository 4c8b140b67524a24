package io.octet.internal.kernel.jvm;

import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.TensorDesc;
import io.octet.tensor.Shape;

/// Reads images row by row as pixels of real numbers: one array of all channels for each column,
/// whatever the layout in memory.
final class ImageInput {
  private final RealInput source;
  private final boolean channelsLast;
  private final int channels;
  private final int height;
  private final int width;
  private final float[] line;

  ImageInput(TensorDesc image, RealInput source) {
    this.source = source;
    this.channelsLast = image.layout() == Layout.CHANNELS_LAST;
    this.channels = Math.toIntExact(image.shape().size(1));
    this.height = rows(image.shape());
    this.width = Math.toIntExact(image.shape().size(image.shape().rank() - 1));
    this.line = new float[channelsLast ? 0 : width];
  }

  /// How many rows an image has: those of all spatial axes but the last, as they follow in memory.
  static int rows(Shape image) {
    int rows = 1;
    for (int axis = 2; axis < image.rank() - 1; axis++) {
      rows = Math.multiplyExact(rows, Math.toIntExact(image.size(axis)));
    }
    return rows;
  }

  /// Room for one row.
  float[][] newRow() {
    return new float[width][channels];
  }

  int channels() {
    return channels;
  }

  int height() {
    return height;
  }

  int width() {
    return width;
  }

  /// Row `h` of image `n`.
  void read(int n, int h, float[][] row) {
    if (channelsLast) {
      long start = ((long) n * height + h) * width;
      for (int w = 0; w < width; w++) {
        source.read((start + w) * channels, row[w], channels);
      }
      return;
    }
    for (int c = 0; c < channels; c++) {
      source.read((((long) n * channels + c) * height + h) * width, line, width);
      for (int w = 0; w < width; w++) {
        row[w][c] = line[w];
      }
    }
  }
}
