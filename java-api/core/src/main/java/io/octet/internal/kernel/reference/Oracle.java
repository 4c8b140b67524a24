package io.octet.internal.kernel.reference;

import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.KernelSpec;
import java.util.Objects;

/// What a {@link KernelSpec} means, one element of an output at a time: the reference kernel
/// computes all of them, and who has little time a few.
public interface Oracle {
  /// The meaning of one output of `spec` over that memory; scratch is not used.
  static Oracle of(KernelSpec spec, int output, Buffers buffers) {
    Objects.checkIndex(output, spec.outputs().size());
    return switch (spec) {
      case KernelSpec.Conv s -> WeightedLoops.conv(s, buffers);
      case KernelSpec.Linear s -> WeightedLoops.linear(s, buffers);
      case KernelSpec.MatMul s -> MatMulLoops.matMul(s, buffers);
      case KernelSpec.Pool s -> PoolLoops.pool(s, buffers);
      case KernelSpec.Binary s -> ElementwiseLoops.binary(s, buffers);
      case KernelSpec.Unary s -> ElementwiseLoops.unary(s, buffers);
      case KernelSpec.Resample s -> ResampleLoops.resample(s, buffers);
      case KernelSpec.Lookup s -> ElementwiseLoops.lookup(s, buffers);
      case KernelSpec.Softmax s -> ElementwiseLoops.softmax(s, buffers);
      case KernelSpec.ChannelAffine s -> ElementwiseLoops.affine(s, buffers);
      case KernelSpec.Convert s -> MovementLoops.convert(s, buffers);
      case KernelSpec.RuntimeQuantize s -> MovementLoops.runtimeQuantize(s, buffers);
      case KernelSpec.QuantizeRows s -> RowLoops.quantize(s, output, buffers);
      case KernelSpec.ScaleSums s -> RowLoops.scale(s, buffers);
      case KernelSpec.Concat s -> MovementLoops.concat(s, buffers);
      case KernelSpec.Transpose s -> MovementLoops.transpose(s, buffers);
      case KernelSpec.Recurrence s -> RecurrenceValues.of(s, output, buffers);
      case KernelSpec.Literal s -> LiteralValues.of(s, output, buffers);
    };
  }

  /// Computes the output's element at a logical index, counted row-major, and stores it.
  void compute(long index);

  /// The sum of the absolute values, in real units, of all that is added up for that element: what
  /// the roundings of another order of summation are to be measured against. 0 where the element is
  /// one of the input's as it stands, or the largest of some.
  double magnitude(long index);

  /// How many values are added up for one element, at most; at least 1.
  long terms();

  /// An oracle of functions.
  record Formula(long terms, Element element, Magnitude size) implements Oracle {
    /// Computes an element and stores it.
    interface Element {
      void compute(long index);
    }

    /// {@link Oracle#magnitude}.
    interface Magnitude {
      double at(long index);
    }

    /// An oracle that takes elements as they stand.
    static Formula picking(long terms, Element element) {
      return new Formula(terms, element, index -> 0);
    }

    @Override
    public void compute(long index) {
      element.compute(index);
    }

    @Override
    public double magnitude(long index) {
      return size.at(index);
    }
  }
}
