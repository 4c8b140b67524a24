package io.octet.internal.kernel.onednn;

import io.octet.internal.ffi.DnnlIsa;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.PackedWeights;
import io.octet.internal.kernel.Support.Refused;
import io.octet.internal.kernel.Support.Supported;
import io.octet.internal.kernel.Weights;
import io.octet.internal.kernel.reference.ReferenceBackend;
import io.octet.tensor.DataType;
import io.octet.tensor.Tensor;
import io.octet.testkit.Case;
import io.octet.testkit.Corners;
import io.octet.testkit.Parity;
import io.octet.testkit.SpecRunner;
import io.octet.testkit.SpecRunner.Output;
import io.octet.testkit.Specs;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/// A program of its own, because oneDNN's instruction set is fixed once per process: oneDNN against
/// the oracle under `-Doctet.maxIsa`. It prints how many cases each implementation served and each
/// reason refused; its last line is the instruction set, then how many cases oneDNN served and how
/// many it refused.
final class IsaSweep {
  private static final int CASES = 60;

  private static final OnednnBackend ONEDNN = new OnednnBackend();

  private static final Map<String, Integer> COUNTS = new TreeMap<>();

  private IsaSweep() {}

  /// Runs every family; the first mismatch is an uncaught error.
  public static void main(String[] args) {
    int served = 0;
    int refused = 0;
    for (Case c : cases().toList()) {
      if (matches(c)) {
        served++;
      } else {
        refused++;
      }
    }
    COUNTS.forEach((what, count) -> System.out.println(count + " " + what));
    System.out.println(DnnlIsa.effective().text() + " " + served + " " + refused);
  }

  private static Stream<Case> cases() {
    List<Case.Family> families =
        List.of(
            Specs::int8Conv,
            Specs::int8Conv,
            OnednnParityTest::wideGroups,
            IsaSweep::singleChannels,
            IsaSweep::reducedConv,
            Specs::int8Linear,
            Specs::int8Linear,
            IsaSweep::reducedLinear,
            r -> Specs.floatConv(r, Layout.NHWC),
            r -> Specs.linear(r, DataType.F32, DataType.F32),
            Specs::pool,
            Specs::convert);
    return Stream.of(
            families.stream().flatMap(family -> Case.random(CASES, family)),
            OnednnParityTest.knownFaults(),
            OnednnParityTest.realLayers(),
            Corners.linears(),
            Corners.convs())
        .flatMap(cases -> cases);
  }

  /// Whether oneDNN served the case; a wrong answer is an error.
  private static boolean matches(Case c) {
    count(c.spec());
    Optional<Output> actual = SpecRunner.tryRun(ONEDNN, c.spec(), c.inputs());
    actual.ifPresent(
        output ->
            Parity.assertMatches(
                c, SpecRunner.run(new ReferenceBackend(), c.spec(), c.inputs()), output));
    return actual.isPresent();
  }

  private static void count(KernelSpec spec) {
    try (PackedWeights packed = new PackedWeights()) {
      switch (ONEDNN.create(spec, new KernelContext(1, packed))) {
        case Supported(var kernel) -> {
          COUNTS.merge(
              spec.getClass().getSimpleName() + " " + kernel.implementation(), 1, Integer::sum);
          kernel.close();
        }
        case Refused(var code, String detail) ->
            COUNTS.merge(
                spec.getClass().getSimpleName() + " refused " + code + " " + detail,
                1,
                Integer::sum);
      }
    }
  }

  /// Depthwise convolutions, and those of one channel, which are not: their taps become channels.
  private static KernelSpec singleChannels(RandomGenerator random) {
    int groups = random.nextBoolean() ? 1 : random.nextInt(2, 20);
    int h = random.nextInt(1, 12);
    int w = random.nextInt(1, 12);
    return ConvShape.raw(
        random,
        random.nextBoolean() ? DataType.U8 : DataType.S8,
        new ConvShape(1, groups, h, w, groups, groups, Specs.window(random, h, w, 5)));
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
