package io.octet.internal.kernel.reference;

import io.octet.graph.Window;
import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.KernelSpec.Pooling;
import java.util.function.DoubleUnaryOperator;

/// Maxima and means under a window. A window without any value (all taps in the padding) gives the
/// lowest value of the type for a maximum, and zero for a mean. Taps that ceil_mode puts beyond the
/// explicit padding count for neither mean.
final class PoolLoops {
  private PoolLoops() {}

  static Oracle pool(KernelSpec.Pool spec, Buffers buffers) {
    Elements x = new Elements(spec.x(), buffers.inputs().getFirst());
    Elements y = new Elements(spec.y(), buffers.output());
    long taps = (long) spec.window().kernelH() * spec.window().kernelW();
    Oracle.Formula.Element element =
        i -> y.putCentered(i, pooled(spec, x, y, i, DoubleUnaryOperator.identity()));
    return spec.kind() == Pooling.MAX
        ? Oracle.Formula.picking(taps, element)
        : new Oracle.Formula(taps, element, i -> pooled(spec, x, y, i, Math::abs) * x.unit());
  }

  /// @param of what is taken of each value
  private static double pooled(
      KernelSpec.Pool spec, Elements x, Elements y, long index, DoubleUnaryOperator of) {
    int n = y.coordinate(index, 0);
    int c = y.coordinate(index, 1);
    int outH = y.coordinate(index, 2);
    int outW = y.coordinate(index, 3);
    Window k = spec.window();
    double max = Double.NEGATIVE_INFINITY;
    double sum = 0;
    int inside = 0;
    int padded = 0;
    for (int i = 0; i < k.kernelH(); i++) {
      for (int j = 0; j < k.kernelW(); j++) {
        int h = outH * k.strideH() - k.padTop() + i * k.dilationH();
        int v = outW * k.strideW() - k.padLeft() + j * k.dilationW();
        if (h < x.size(2) + k.padBottom() && v < x.size(3) + k.padRight()) {
          padded++;
        }
        if (h >= 0 && h < x.size(2) && v >= 0 && v < x.size(3)) {
          double value = of.applyAsDouble(x.centered(x.at(n, c, h, v)));
          max = Math.max(max, value);
          sum += value;
          inside++;
        }
      }
    }
    if (spec.kind() == Pooling.MAX) {
      return max;
    }
    int count = spec.kind() == Pooling.AVERAGE ? inside : padded;
    return count == 0 ? 0 : sum / count;
  }
}
