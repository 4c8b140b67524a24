package io.octet.internal.kernel.reference;

import io.octet.graph.op.Window;
import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.KernelSpec.PoolKind;
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
        i -> {
          double pooled = pooled(spec, x, y, i, DoubleUnaryOperator.identity());
          if (spec.requantizes()) {
            y.putReal(i, (float) pooled * spec.x().quant().scale());
          } else {
            y.putCentered(i, pooled);
          }
        };
    return spec.kind() == PoolKind.MAX
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
    Axis rows = new Axis(k.kernelH(), k.dilationH(), outH * k.strideH() - k.padTop(), x.size(2));
    Axis columns =
        new Axis(k.kernelW(), k.dilationW(), outW * k.strideW() - k.padLeft(), x.size(3));
    double max = Double.NEGATIVE_INFINITY;
    double sum = 0;
    for (int i = rows.before(0); i < rows.before(rows.size()); i++) {
      for (int j = columns.before(0); j < columns.before(columns.size()); j++) {
        double value = of.applyAsDouble(x.centered(x.at(n, c, rows.at(i), columns.at(j))));
        max = Math.max(max, value);
        sum += value;
      }
    }
    if (spec.kind() == PoolKind.MAX) {
      return max;
    }
    long count =
        spec.kind() == PoolKind.AVERAGE
            ? (long) rows.inside() * columns.inside()
            : (long) rows.before(rows.size() + k.padBottom())
                * columns.before(columns.size() + k.padRight());
    return count == 0 ? 0 : sum / count;
  }

  /// The taps of one output along one axis, of which a window may have far more than there are
  /// pixels.
  ///
  /// @param start where the first tap lies; below 0 it is padding
  /// @param size of the image
  private record Axis(int taps, int dilation, int start, int size) {
    int at(int tap) {
      return start + tap * dilation;
    }

    /// How many taps lie before `position`.
    int before(long position) {
      return Math.clamp(Math.ceilDiv(position - start, dilation), 0, taps);
    }

    int inside() {
      return before(size) - before(0);
    }
  }
}
