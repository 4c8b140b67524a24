package io.octet.internal.reference;

import io.octet.graph.op.Pooling.AveragePool;
import io.octet.graph.op.Pooling.GlobalAveragePool;
import io.octet.graph.op.Pooling.MaxPool;
import io.octet.graph.op.Window;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;

/// Maxima and means under a window. A window without any value (all taps in the padding) gives the
/// lowest value of the type for a maximum, and zero for a mean. Taps that ceil_mode puts beyond the
/// explicit padding count for neither mean.
final class Pooling {
  private Pooling() {}

  static void evaluate(io.octet.graph.op.Pooling op, Tensor x, Tensor y) {
    switch (op) {
      case MaxPool(Window window, boolean _) -> windows(x, window, y, Taps::max);
      case AveragePool(Window window, boolean _, boolean countPad) ->
          windows(x, window, y, countPad ? Taps::meanWithPadding : Taps::mean);
      case GlobalAveragePool() -> globalMean(x, y);
    }
  }

  private interface Pool {
    double of(Taps taps);
  }

  private static void windows(Tensor in, Window given, Tensor out, Pool pool) {
    Cells x = new Cells(in);
    Cells y = new Cells(out);
    int height = Math.toIntExact(in.shape().size(2));
    int width = Math.toIntExact(in.shape().size(3));
    Window k = given.resolve(height, width);
    long at = 0;
    for (long image = 0; image < out.shape().size(0) * out.shape().size(1); image++) {
      for (int h = 0; h < out.shape().size(2); h++) {
        for (int w = 0; w < out.shape().size(3); w++) {
          int top = h * k.strideH() - k.padTop();
          int left = w * k.strideW() - k.padLeft();
          Axis rows = new Axis(k.kernelH(), k.dilationH(), top, height, k.padBottom());
          Axis columns = new Axis(k.kernelW(), k.dilationW(), left, width, k.padRight());
          y.put(at++, pool.of(new Taps(x, image * height * width, rows, columns, in.type().min())));
        }
      }
    }
  }

  /// The taps of one output along one axis, of which a window may have far more than there are
  /// pixels.
  ///
  /// @param start where the first tap lies; below 0 it is padding
  /// @param size of the image
  /// @param pad how far the padding behind it reaches
  private record Axis(int taps, int dilation, int start, int size, int pad) {
    int at(int tap) {
      return start + tap * dilation;
    }

    /// How many taps lie before `position`.
    int before(long position) {
      return Math.clamp(Math.ceilDiv(position - start, dilation), 0, taps);
    }

    int first() {
      return before(0);
    }

    int end() {
      return before(size);
    }

    int padded() {
      return before((long) size + pad);
    }
  }

  /// The values under one window.
  ///
  /// @param base where the image begins
  private record Taps(Cells x, long base, Axis rows, Axis columns, double lowest) {
    double max() {
      double max = lowest;
      for (int i = rows.first(); i < rows.end(); i++) {
        for (int j = columns.first(); j < columns.end(); j++) {
          max = Math.max(max, value(i, j));
        }
      }
      return max;
    }

    double mean() {
      return mean((long) (rows.end() - rows.first()) * (columns.end() - columns.first()));
    }

    double meanWithPadding() {
      return mean((long) rows.padded() * columns.padded());
    }

    private double mean(long count) {
      double sum = 0;
      for (int i = rows.first(); i < rows.end(); i++) {
        for (int j = columns.first(); j < columns.end(); j++) {
          sum += value(i, j);
        }
      }
      return count == 0 ? 0 : sum / count;
    }

    private double value(int i, int j) {
      return x.real(base + (long) rows.at(i) * columns.size() + columns.at(j));
    }
  }

  private static void globalMean(Tensor in, Tensor out) {
    Cells x = new Cells(in);
    Cells y = new Cells(out);
    Shape shape = in.shape();
    long pixels = shape.size(2) * shape.size(3);
    for (long image = 0; image < y.count(); image++) {
      double sum = 0;
      for (long i = 0; i < pixels; i++) {
        sum += x.real(image * pixels + i);
      }
      y.put(image, pixels == 0 ? 0 : sum / pixels);
    }
  }
}
