package io.octet.internal.kernel.jvm;

/// A convolution in which each channel is a group: weighted sums of whole pixels.
final class DepthwiseSums implements WindowSums {
  private final Matrix weights;
  private final Taps columns;

  /// @param weights a row for each tap, a column for each channel
  DepthwiseSums(Matrix weights, Taps columns) {
    this.weights = weights;
    this.columns = columns;
  }

  @Override
  public void begin() {}

  @Override
  public void take(int tapRow, float[][] in, float[][] out) {
    for (int w = 0; w < out.length; w++) {
      for (int j = 0; j < columns.count(); j++) {
        int at = columns.at(w, j);
        if (columns.inside(at)) {
          addProduct(in[at], weights.rows()[tapRow * columns.count() + j], out[w]);
        }
      }
    }
  }

  private static void addProduct(float[] x, float[] weight, float[] y) {
    for (int c = 0; c < y.length; c++) {
      y[c] += x[c] * weight[c];
    }
  }

  @Override
  public void end(float[][] out) {}
}
