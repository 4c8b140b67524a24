package io.octet.internal.kernel.jvm;

import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.TensorDesc;

/// Writes images row by row; the counterpart of {@link ImageInput}.
final class ImageOutput {
  private final RealOutput target;
  private final boolean channelsLast;
  private final int images;
  private final int channels;
  private final int height;
  private final int width;
  private final float[] line;

  ImageOutput(TensorDesc image, RealOutput target) {
    this.target = target;
    this.channelsLast = image.layout() == Layout.CHANNELS_LAST;
    this.images = Math.toIntExact(image.shape().size(0));
    this.channels = Math.toIntExact(image.shape().size(1));
    this.height = ImageInput.rows(image.shape());
    this.width = Math.toIntExact(image.shape().size(image.shape().rank() - 1));
    this.line = new float[channelsLast ? 0 : width];
  }

  /// The longest run that writing a row of `image` takes.
  static int longestRun(TensorDesc image) {
    return Math.toIntExact(
        image.shape().size(image.layout() == Layout.CHANNELS_LAST ? 1 : image.shape().rank() - 1));
  }

  /// Room for one row.
  float[][] newRow() {
    return new float[width][channels];
  }

  int images() {
    return images;
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
  void write(float[][] row, int n, int h) {
    if (channelsLast) {
      long start = ((long) n * height + h) * width;
      for (int w = 0; w < width; w++) {
        target.write(row[w], (start + w) * channels, channels);
      }
      return;
    }
    for (int c = 0; c < channels; c++) {
      for (int w = 0; w < width; w++) {
        line[w] = row[w][c];
      }
      target.write(line, (((long) n * channels + c) * height + h) * width, width);
    }
  }
}
