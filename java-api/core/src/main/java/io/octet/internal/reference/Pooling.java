package io.octet.internal.reference;

import io.octet.graph.op.Pooling.AveragePool;
import io.octet.graph.op.Pooling.GlobalAveragePool;
import io.octet.graph.op.Pooling.GlobalLpPool;
import io.octet.graph.op.Pooling.GlobalMaxPool;
import io.octet.graph.op.Pooling.LpPool;
import io.octet.graph.op.Pooling.MaxPool;
import io.octet.graph.op.Window;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.List;

/// Maxima, means and norms under a window. A window without any value (all taps in the padding)
/// gives the lowest value of the type for a maximum, and zero for the others. Taps that ceil_mode
/// puts beyond the explicit padding count for neither mean.
final class Pooling {
  private Pooling() {}

  static void evaluate(io.octet.graph.op.Pooling op, Tensor x, List<Tensor> outputs) {
    Tensor y = outputs.getFirst();
    switch (op) {
      case MaxPool pool -> {
        windows(x, pool.window(), y, Pooling::max);
        if (outputs.size() > 1) {
          places(x, pool, outputs.get(1));
        }
      }
      case AveragePool(Window window, boolean _, boolean countPad) ->
          windows(x, window, y, countPad ? Pooling::meanWithPadding : Pooling::mean);
      case LpPool(Window window, boolean _, int p) ->
          windows(x, window, y, (t, image) -> norm(t, image, p));
      case GlobalAveragePool() -> windows(x, whole(x), y, Pooling::mean);
      case GlobalMaxPool() -> windows(x, whole(x), y, Pooling::max);
      case GlobalLpPool(int p) -> windows(x, whole(x), y, (t, image) -> norm(t, image, p));
    }
  }

  /// How many values stand under one window, at most.
  static double taps(io.octet.graph.op.Pooling op, Tensor x) {
    Window window =
        switch (op) {
          case MaxPool pool -> pool.window();
          case AveragePool pool -> pool.window();
          case LpPool pool -> pool.window();
          case GlobalAveragePool(), GlobalMaxPool(), GlobalLpPool(int _) -> whole(x);
        };
    double taps = 1;
    for (int axis = 0; axis < window.axes(); axis++) {
      taps *= Math.min(window.kernel().get(axis), x.shape().size(2 + axis));
    }
    return taps;
  }

  private static Window whole(Tensor x) {
    int[] sizes = new int[x.shape().rank() - 2];
    for (int axis = 0; axis < sizes.length; axis++) {
      sizes[axis] = Math.toIntExact(Math.max(1, x.shape().size(2 + axis)));
    }
    return Window.of(sizes);
  }

  /// What is made of the values under one window.
  private interface Pool {
    double of(WindowTaps taps, Image image);
  }

  /// @param base where the image begins
  private record Image(Cells x, long base, double lowest) {
    double under(WindowTaps taps) {
      return x.real(base + taps.pixel());
    }
  }

  private static void windows(Tensor in, Window given, Tensor out, Pool pool) {
    Cells x = new Cells(in);
    Cells y = new Cells(out);
    Shape shape = in.shape();
    WindowTaps taps = new WindowTaps(given.resolve(shape), shape);
    long places = y.count() / Math.max(1, shape.size(0) * shape.size(1));
    for (long at = 0; at < y.count(); at++) {
      taps.begin(at % places, out.shape());
      Image image = new Image(x, at / places * taps.pixels(), in.type().min());
      y.put(at, pool.of(taps, image));
    }
  }

  private static double max(WindowTaps taps, Image image) {
    double max = image.lowest();
    while (taps.next()) {
      max = Math.max(max, image.under(taps));
    }
    return max;
  }

  private static double mean(WindowTaps taps, Image image) {
    return mean(taps, image, taps.inside());
  }

  private static double meanWithPadding(WindowTaps taps, Image image) {
    return mean(taps, image, taps.padded());
  }

  private static double mean(WindowTaps taps, Image image, long count) {
    double sum = 0;
    while (taps.next()) {
      sum += image.under(taps);
    }
    return count == 0 ? 0 : sum / count;
  }

  private static double norm(WindowTaps taps, Image image, int p) {
    double sum = 0;
    while (taps.next()) {
      sum += Math.pow(Math.abs(image.under(taps)), p);
    }
    return Math.pow(sum, 1.0 / p);
  }

  /// Where the largest values stand; the first of several. A window without any value points to the
  /// first of its image.
  private static void places(Tensor in, MaxPool pool, Tensor out) {
    Cells x = new Cells(in);
    Cells y = new Cells(out);
    Shape shape = in.shape();
    WindowTaps taps = new WindowTaps(pool.window().resolve(shape), shape);
    long places = y.count() / Math.max(1, shape.size(0) * shape.size(1));
    for (long at = 0; at < y.count(); at++) {
      taps.begin(at % places, out.shape());
      long base = at / places * taps.pixels();
      double max = Double.NEGATIVE_INFINITY;
      long place = -1;
      while (taps.next()) {
        double value = x.real(base + taps.pixel());
        if (place < 0 || value > max || Double.isNaN(value) && !Double.isNaN(max)) {
          max = value;
          place = pool.columnMajor() ? taps.columnMajorPixel() : taps.pixel();
        }
      }
      y.put(at, base + Math.max(0, place));
    }
  }
}
