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
    long taps = spec.window().taps();
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
    Window k = spec.window();
    int axes = k.axes();
    Axis planes = axes == 3 ? axis(spec, x, y, index, 0) : new Axis(1, 1, 0, 1);
    Axis rows = axis(spec, x, y, index, axes - 2);
    Axis columns = axis(spec, x, y, index, axes - 1);
    long image =
        y.coordinate(index, 0) * x.elementsBehind(0) + y.coordinate(index, 1) * x.elementsBehind(1);
    long plane = axes == 3 ? x.elementsBehind(2) : 0;
    long row = x.elementsBehind(axes);
    double max = Double.NEGATIVE_INFINITY;
    double sum = 0;
    for (int d = planes.before(0); d < planes.before(planes.size()); d++) {
      for (int i = rows.before(0); i < rows.before(rows.size()); i++) {
        for (int j = columns.before(0); j < columns.before(columns.size()); j++) {
          long at = image + planes.at(d) * plane + rows.at(i) * row + columns.at(j);
          double value = of.applyAsDouble(x.centered(at));
          max = Math.max(max, value);
          sum += value;
        }
      }
    }
    if (spec.kind() == PoolKind.MAX) {
      return max;
    }
    double count =
        spec.kind() == PoolKind.AVERAGE
            ? (double) planes.inside() * rows.inside() * columns.inside()
            : (double) planes.before(planes.size() + (axes == 3 ? k.padsAfter().getFirst() : 0))
                * rows.before((long) rows.size() + k.padBottom())
                * columns.before((long) columns.size() + k.padRight());
    return count == 0 ? 0 : sum / count;
  }

  /// The taps of output `index` along spatial axis `axis`.
  private static Axis axis(KernelSpec.Pool spec, Elements x, Elements y, long index, int axis) {
    Window k = spec.window();
    int start = y.coordinate(index, 2 + axis) * k.strides().get(axis) - k.padsBefore().get(axis);
    return new Axis(k.kernel().get(axis), k.dilations().get(axis), start, x.size(2 + axis));
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
