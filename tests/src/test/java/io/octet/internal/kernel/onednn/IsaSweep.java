package io.octet.internal.kernel.onednn;

import io.octet.internal.ffi.DnnlIsa;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.Weights;
import io.octet.internal.kernel.reference.ReferenceBackend;
import io.octet.tensor.DataType;
import io.octet.tensor.Tensor;
import io.octet.testkit.Case;
import io.octet.testkit.Parity;
import io.octet.testkit.SpecRunner;
import io.octet.testkit.SpecRunner.Output;
import io.octet.testkit.Specs;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// A program of its own, because oneDNN's instruction set is fixed once per process: oneDNN against
/// the oracle under `-Doctet.maxIsa`. Its last line is the instruction set, then how many cases
/// oneDNN served and how many it refused.
final class IsaSweep {
  private static final int CASES = 60;

  private IsaSweep() {}

  /// Runs every family; the first mismatch is an uncaught error.
  public static void main(String[] args) {
    List<Case.Family> families =
        List.of(
            Specs::int8Conv,
            IsaSweep::reducedConv,
            IsaSweep::reducedConv,
            Specs::int8Linear,
            IsaSweep::reducedLinear,
            r -> Specs.floatConv(r, Layout.NHWC),
            r -> Specs.linear(r, DataType.F32, DataType.F32),
            Specs::pool,
            Specs::convert);
    int[] served = {0, 0};
    for (Case.Family family : families) {
      Case.random(CASES, family).forEach(c -> served[matches(c) ? 0 : 1]++);
    }
    System.out.println(DnnlIsa.effective().text() + " " + served[0] + " " + served[1]);
  }

  /// Whether oneDNN served the case; a wrong answer is an error.
  private static boolean matches(Case c) {
    Optional<Output> actual = SpecRunner.tryRun(new OnednnBackend(), c.spec(), c.inputs());
    actual.ifPresent(
        output ->
            Parity.assertMatches(
                c, SpecRunner.run(new ReferenceBackend(), c.spec(), c.inputs()), output));
    return actual.isPresent();
  }

  private static KernelSpec reducedConv(RandomGenerator random) {
    KernelSpec.Conv s = Specs.int8Conv(random);
    return new KernelSpec.Conv(
        s.x(), s.y(), reduced(s.weights()), s.window(), s.groups(), s.post());
  }

  private static KernelSpec reducedLinear(RandomGenerator random) {
    KernelSpec.Linear s = Specs.int8Linear(random);
    return new KernelSpec.Linear(s.x(), s.y(), reduced(s.weights()), s.post());
  }

  /// Weights within [-64,63], whose pairs cannot saturate.
  private static Weights reduced(Weights weights) {
    byte[] values = weights.values().toBytes();
    for (int i = 0; i < values.length; i++) {
      values[i] >>= 1;
    }
    Tensor halved = Tensor.of(DataType.S8, values, weights.values().shape().sizes());
    return new Weights(halved, weights.scales(), weights.bias());
  }
}
