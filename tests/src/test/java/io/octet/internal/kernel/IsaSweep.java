package io.octet.internal.kernel;

import io.octet.graph.op.Window;
import io.octet.internal.ffi.DnnlIsa;
import io.octet.internal.ffi.Natives;
import io.octet.internal.kernel.Answer.Offers;
import io.octet.internal.kernel.Answer.Refused;
import io.octet.internal.kernel.Saturation.Pairs;
import io.octet.internal.kernel.fbgemm.FbgemmBackend;
import io.octet.internal.kernel.onednn.OnednnBackend;
import io.octet.internal.kernel.reference.ReferenceBackend;
import io.octet.internal.select.Backends;
import io.octet.internal.select.Registry;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Tensor;
import io.octet.testkit.Case;
import io.octet.testkit.ConvShape;
import io.octet.testkit.Convs;
import io.octet.testkit.Corners;
import io.octet.testkit.ExposedSums;
import io.octet.testkit.FbgemmSpecs;
import io.octet.testkit.PairedWeights;
import io.octet.testkit.Parity;
import io.octet.testkit.SpecRunner;
import io.octet.testkit.SpecRunner.Output;
import io.octet.testkit.Specs;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Stream;

/// A program of its own, because an instruction set is fixed once per process: oneDNN and FBGEMM
/// against the oracle under `-Doctet.maxIsa`. Arguments: how many cases of each family, and how
/// many rows the largest image has. It prints whether FBGEMM is there, who serves a convolution in
/// small groups, and how many cases of each kind each backend served and refused, by
/// implementations and codes; its last line is the instruction set.
final class IsaSweep {
  private static final Backend ONEDNN = new OnednnBackend();
  private static final Backend FBGEMM = new FbgemmBackend();
  private static final Backend ORACLE = new ReferenceBackend();

  private static final Map<String, Integer> COUNTS = new ConcurrentSkipListMap<>();

  private IsaSweep() {}

  /// Runs every family; the first mismatch is an uncaught error.
  public static void main(String[] args) {
    int count = Integer.parseInt(args[0]);
    System.out.println(Natives.fbgemm());
    random(count, Integer.parseInt(args[1])).parallel().forEach(c -> compare("random", c, ONEDNN));
    Stream<Case.Family> families =
        FbgemmSpecs.families().flatMap(f -> Stream.of(f, r -> reduced(f.spec(r))));
    Stream.concat(random(families, count), corners())
        .parallel()
        .forEach(c -> compare("random", c, FBGEMM));
    random(FbgemmSpecs.exposed(), count).parallel().forEach(c -> compare("exposed", c, FBGEMM));
    Stream.concat(PairedWeights.convs(count, Pairs.NEIGHBOURS), PairedWeights.linears(count))
        .parallel()
        .forEach(c -> compareExactly("pairs", c, FBGEMM));
    if (!DnnlIsa.effective().hasVnni()) {
      PairedWeights.convs(count, Pairs.NEIGHBOURS_IN_A_TAP)
          .parallel()
          .forEach(c -> compareExactly("pairs", c, ONEDNN));
    }
    for (Backend backend : List.of(ONEDNN, FBGEMM)) {
      PairedWeights.bounded(count).parallel().forEach(c -> compareExactly("bounded", c, backend));
    }
    KernelSpec.Conv odd = smallGroups();
    System.out.println("groups: " + served(odd));
    System.out.println("safe groups: " + served(reduced(odd)));
    COUNTS.forEach((what, n) -> System.out.println(what + ": " + n));
    System.out.println(DnnlIsa.effective().text());
  }

  /// Groups of three channels, for which oneDNN has nothing but `ref` where there is no VNNI.
  private static KernelSpec.Conv smallGroups() {
    ConvShape shape = new ConvShape(1, 12, 9, 9, 12, 4, Window.of(3, 3).pads(1, 1, 1, 1));
    byte[] weights = new byte[Math.toIntExact(shape.weights().elements())];
    Arrays.fill(weights, Byte.MAX_VALUE);
    return shape.raw(QuantParams.perTensor(DataType.U8, 0.02f, 0), weights);
  }

  /// Who serves it in the processor's own order, or the code of the fallback.
  private static String served(KernelSpec spec) {
    try (WeightsCache packed = new WeightsCache()) {
      Registry.Selection found =
          Backends.preferring(List.of()).select(spec, new KernelContext(1, packed));
      if (found.kernel() == null) {
        return found.telling().code().toString();
      }
      try (Kernel kernel = found.kernel()) {
        return kernel.backend();
      }
    }
  }

  private static Stream<Case> random(Stream<Case.Family> families, int count) {
    return families.flatMap(family -> Case.random(count, family));
  }

  private static Stream<Case> random(int count, int rows) {
    Stream<Case.Family> families =
        Stream.of(
            Specs::int8Conv,
            Specs::int8Conv,
            Convs::wideGroups,
            Convs::singleChannels,
            r -> reduced(Specs.int8Conv(r)),
            Specs::int8Linear,
            Specs::int8Linear,
            r -> reduced(Specs.int8Linear(r)),
            r -> Specs.floatConv(r, Layout.CHANNELS_LAST),
            r -> Specs.linear(r, DataType.F32, DataType.F32),
            Specs::pool,
            Specs::convert);
    return Stream.of(
            random(families, count), Convs.knownFaults(), Convs.realLayers(rows), corners())
        .flatMap(cases -> cases);
  }

  private static Stream<Case> corners() {
    return Stream.concat(Corners.linears(), Corners.convs());
  }

  /// Where the backend serves the case, its answer matches; a wrong one is an error.
  private static void compare(String kind, Case c, Backend backend) {
    count(kind, c.spec(), backend);
    Optional<Output> actual = SpecRunner.tryRun(backend, c.spec(), c.inputs());
    if (actual.isPresent()) {
      Output expected = SpecRunner.run(ORACLE, c.spec(), c.inputs());
      if (kind.equals("exposed")) {
        Parity.assertIdentical(c, expected, actual.get());
      } else {
        Parity.assertMatches(c, expected, actual.get());
      }
    }
  }

  /// The same for raw sums, and for those that a requantizing kernel shows.
  private static void compareExactly(String kind, Case c, Backend backend) {
    Output sums = SpecRunner.run(ORACLE, c.spec(), c.inputs());
    count(kind, c.spec(), backend);
    SpecRunner.tryRun(backend, c.spec(), c.inputs())
        .ifPresent(actual -> Parity.assertIdentical(c, sums, actual));
    ExposedSums.of(c, sums.ints())
        .forEach(
            exposed -> {
              count(kind, exposed.layer().spec(), backend);
              exposed.assertShownBy(backend);
            });
  }

  private static void count(String kind, KernelSpec spec, Backend backend) {
    String who = backend.name() + " " + kind;
    String what = spec.getClass().getSimpleName();
    try (WeightsCache packed = new WeightsCache()) {
      KernelContext context = new KernelContext(1, packed);
      try (Answer answer = backend.offers(spec, context)) {
        switch (answer) {
          case Offers offers -> {
            Kernel kernel = offers.first().make(context);
            COUNTS.merge(who + " served", 1, Integer::sum);
            COUNTS.merge(who + " " + what + " " + kernel.implementation(), 1, Integer::sum);
            kernel.close();
          }
          case Refused(var code, String _) -> {
            COUNTS.merge(who + " refused", 1, Integer::sum);
            COUNTS.merge(who + " " + what + " " + code, 1, Integer::sum);
          }
        }
      }
    }
  }

  /// The same layer with weights whose pairs cannot saturate.
  private static KernelSpec reduced(KernelSpec layer) {
    return switch (layer) {
      case KernelSpec.Conv s ->
          new KernelSpec.Conv(s.x(), s.y(), reduced(s.weights()), s.window(), s.groups(), s.post());
      case KernelSpec.Linear s ->
          new KernelSpec.Linear(s.x(), s.y(), reduced(s.weights()), s.post());
      default -> throw new IllegalArgumentException("no layer: " + layer);
    };
  }

  /// Weights within [-64,63].
  private static Weights reduced(Weights weights) {
    byte[] values = weights.values().tensor().toBytes();
    for (int i = 0; i < values.length; i++) {
      values[i] >>= 1;
    }
    Tensor halved = Tensor.of(DataType.S8, values, weights.values().shape().sizes());
    return new Weights(halved, weights.scales(), weights.bias());
  }
}
