package io.octet.internal.kernel.trust;

import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.kernel.reference.Elements;
import io.octet.internal.kernel.reference.Oracle;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// How far an element may lie from the oracle's: not at all where it is only moved or picked, and
/// for sums up to 2^24; one step for what is rounded to 8 bits; in float `(8 + 2 sqrt(n)) * 2^-24`
/// of the absolute values of the n terms that are added up, for engines add in another order.
final class Distance {
  private static final double FLOAT_ROUNDING = 0x1p-24;
  private static final double SUM_ROUNDING = 0x1p-23;
  private static final double LARGEST_EXACT_SUM = 1 << 24;

  private final TensorDesc y;
  private final Oracle oracle;
  private final Elements expected;
  private final Elements actual;

  /// @param oracle writes to `expected`
  Distance(TensorDesc y, Oracle oracle, MemorySegment expected, MemorySegment actual) {
    this.y = y;
    this.oracle = oracle;
    this.expected = new Elements(y, expected);
    this.actual = new Elements(y, actual);
  }

  /// What is wrong with the element; empty where it is right.
  Optional<String> fault(long index) {
    oracle.compute(index);
    if (actual.same(index, expected, index)) {
      return Optional.empty();
    }
    if (!actual.areNumbers()) {
      return Optional.of("moves another value to element " + index);
    }
    double is = actual.raw(index);
    double should = expected.raw(index);
    return Math.abs(is - should) <= allowed(index, should)
        ? Optional.empty()
        : Optional.of("gives " + is + " for element " + index + ", which is " + should);
  }

  /// The real difference of two neighbouring 8-bit values.
  private double step() {
    return y.isInt8() ? y.quant().scale(0) : 1;
  }

  private double allowed(long index, double should) {
    double magnitude = oracle.magnitude(index);
    double rounding = FLOAT_ROUNDING * (8 + 2 * Math.sqrt(oracle.terms()));
    return switch (y.type()) {
      case S32 -> Math.abs(should) <= LARGEST_EXACT_SUM ? 0 : Math.abs(should) * SUM_ROUNDING;
      case U8, S8 -> magnitude == 0 ? 0 : 1 + Math.floor(magnitude * rounding / step());
      case F32 -> magnitude * rounding;
      case S64, BOOL, F16, BF16, F64 -> 0; // They are moved, bit for bit.
    };
  }
}
