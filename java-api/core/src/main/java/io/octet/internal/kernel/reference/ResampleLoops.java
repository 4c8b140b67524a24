package io.octet.internal.kernel.reference;

import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.reference.ResampledAxis;
import java.util.function.DoubleUnaryOperator;

/// Data of another size: all pixels that make one, each times the product of its weights.
final class ResampleLoops {
  private ResampleLoops() {}

  static Oracle resample(KernelSpec.Resample spec, Buffers buffers) {
    Elements x = new Elements(spec.x(), buffers.inputs().getFirst());
    Elements y = new Elements(spec.y(), buffers.output());
    ResampledAxis[] axes = new ResampledAxis[spec.x().shape().rank()];
    long terms = 1;
    for (int i = 0; i < axes.length; i++) {
      axes[i] =
          ResampledAxis.of(
              spec.rule(), i, spec.x().shape(), spec.y().shape(), spec.scales(), spec.region());
      terms *= axes[i].taps();
    }
    if (spec.moves()) {
      return Oracle.Formula.picking(1, i -> y.copy(i, x, source(axes, x, y, i, 0)));
    }
    long all = terms;
    return new Oracle.Formula(
        all,
        i -> y.putReal(i, (float) sum(spec, axes, x, y, i, all, DoubleUnaryOperator.identity())),
        i -> sum(spec, axes, x, y, i, all, Math::abs));
  }

  /// @param of what is taken of each term
  private static double sum(
      KernelSpec.Resample spec,
      ResampledAxis[] axes,
      Elements x,
      Elements y,
      long index,
      long terms,
      DoubleUnaryOperator of) {
    for (int i = 0; i < axes.length; i++) {
      if (axes[i].isOutside(y.coordinate(index, i))) {
        return of.applyAsDouble(spec.rule().extrapolation());
      }
    }
    double sum = 0;
    for (long term = 0; term < terms; term++) {
      double weight = 1;
      long rest = term;
      for (int i = 0; i < axes.length; i++) {
        weight *= axes[i].weight(y.coordinate(index, i), (int) (rest % axes[i].taps()));
        rest /= axes[i].taps();
      }
      if (weight != 0) {
        sum += of.applyAsDouble(weight * x.real(source(axes, x, y, index, term)));
      }
    }
    return sum;
  }

  /// The input's element that is term `term` of the output's element `index`.
  private static long source(ResampledAxis[] axes, Elements x, Elements y, long index, long term) {
    long source = 0;
    for (int i = 0; i < axes.length; i++) {
      int pixel = axes[i].pixel(y.coordinate(index, i), (int) (term % axes[i].taps()));
      source += pixel * x.elementsBehind(i);
      term /= axes[i].taps();
    }
    return source;
  }
}
