package io.octet.internal.kernel.fbgemm;

import io.octet.internal.ffi.DnnlIsa;
import io.octet.internal.ffi.Fbgemm;
import io.octet.internal.kernel.Saturation;
import io.octet.internal.kernel.Saturation.Pairs;
import java.util.List;

/// Where FBGEMM adds two products in 16 bits: everywhere without VNNI, and in its depthwise
/// algorithm with VNNI, too.
final class Exactness {
  private Exactness() {}

  /// Why sums on this processor may be wrong, whatever the algorithm; null where one may be right.
  /// Known before anything is packed.
  static String doubtOfProcessor(LayerSpec layer) {
    return Fbgemm.instructionSet().hasVnni()
        ? null
        : doubt(onProcessor("FBGEMM"), layer, Pairs.NEIGHBOURS);
  }

  /// Why this algorithm's sums may be wrong; null where they are right.
  static String doubtOfAlgorithm(LayerSpec layer, Algorithm algorithm) {
    boolean widens = Fbgemm.instructionSet().hasVnni() && !algorithm.addsIn16Bits();
    return widens
        ? null
        : doubt(onProcessor("FBGEMM's " + algorithm.name()), layer, algorithm.pairs());
  }

  private static String onProcessor(String who) {
    DnnlIsa isa = Fbgemm.instructionSet();
    return isa.hasVnni() ? who : who + " on " + isa.text();
  }

  private static String doubt(String who, LayerSpec layer, Pairs pairs) {
    List<Integer> unsafe =
        Saturation.unsafeChannels(layer.weights().values().tensor(), layer.x().largest(), pairs);
    return unsafe.isEmpty()
        ? null
        : who
            + " adds in 16 bits, and "
            + Saturation.describe(unsafe, layer.weights().channels())
            + " can saturate";
  }
}
