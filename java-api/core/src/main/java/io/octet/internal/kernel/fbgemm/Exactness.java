package io.octet.internal.kernel.fbgemm;

import io.octet.internal.ffi.DnnlIsa;
import io.octet.internal.ffi.Fbgemm;
import io.octet.internal.kernel.Saturation;
import io.octet.internal.kernel.Weights;
import java.util.List;

/// Where FBGEMM adds two products in 16 bits: everywhere without VNNI, and in its depthwise
/// algorithm with VNNI, too.
final class Exactness {
  private Exactness() {}

  /// Why sums on this processor may be wrong, whatever the algorithm; null where they are right.
  static String doubtOfProcessor(Weights weights) {
    DnnlIsa isa = Fbgemm.instructionSet();
    return isa.hasVnni() ? null : doubt("FBGEMM on " + isa.text(), weights);
  }

  /// Why this algorithm's sums may be wrong; null where they are right.
  static String doubtOfAlgorithm(Weights weights, PackedLayer packed) {
    return packed.addsIn16Bits() ? doubt("FBGEMM's " + packed.algorithm(), weights) : null;
  }

  private static String doubt(String who, Weights weights) {
    List<Integer> unsafe = Saturation.unsafeChannels(weights.values(), Saturation.LARGEST_INPUT);
    return unsafe.isEmpty()
        ? null
        : who
            + " adds in 16 bits, and "
            + Saturation.describe(unsafe, weights.channels())
            + " can saturate";
  }
}
