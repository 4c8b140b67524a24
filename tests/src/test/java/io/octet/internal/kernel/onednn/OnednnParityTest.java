package io.octet.internal.kernel.onednn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.internal.ffi.DnnlIsa;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.kernel.reference.ReferenceBackend;
import io.octet.tensor.DataType;
import io.octet.testkit.Case;
import io.octet.testkit.Convs;
import io.octet.testkit.Corners;
import io.octet.testkit.Machine;
import io.octet.testkit.Parity;
import io.octet.testkit.SpecRunner;
import io.octet.testkit.SpecRunner.Output;
import io.octet.testkit.Specs;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// oneDNN against the oracle. What it refuses is counted: a backend that refused everything would
/// agree with everything.
class OnednnParityTest {
  @BeforeAll
  static void needsOnednn() {
    Machine.requireOnednn();
  }

  private static final OnednnBackend ONEDNN = new OnednnBackend();
  private static final ReferenceBackend ORACLE = new ReferenceBackend();
  private static final AtomicInteger ASKED = new AtomicInteger();
  private static final AtomicInteger SERVED = new AtomicInteger();

  @BeforeAll
  static void countFromZero() {
    ASKED.set(0);
    SERVED.set(0);
  }

  @AfterAll
  static void mostOfWhatIsAskedIsServed() {
    int parts =
        Machine.hasInt8() ? 2 : 3; // where nothing in int8 is served, some of all else is not
    assertTrue(
        ASKED.get() < 20 || SERVED.get() * parts > ASKED.get(),
        () -> "oneDNN served only " + SERVED + " of " + ASKED);
  }

  static Stream<Case> int8Layers() {
    Stream<Case.Family> families =
        Stream.of(
            Specs::int8Conv,
            Specs::int8Conv,
            Specs::int8Conv,
            Specs::curvedConv,
            Convs::wideGroups,
            r -> Specs.oddConv(r, true),
            Specs::int8MatMul,
            Specs::int8Linear,
            Specs::int8Linear);
    return families.flatMap(family -> Case.random(40, family));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("int8Layers")
  void int8LayersMatchTheOracle(Case c) {
    Machine.requireInt8();
    matchTheOracle(c);
  }

  static Stream<Case> allElse() {
    Stream<Case.Family> families =
        Stream.of(
            r -> Specs.floatConv(r, Layout.CHANNELS_LAST),
            r -> Specs.oddConv(r, false),
            r -> Specs.floatConv(r, Layout.ROW_MAJOR),
            r -> Specs.linear(r, DataType.F32, DataType.F32),
            Specs::matMul,
            Specs::pool,
            Specs::binary,
            Specs::gate,
            Specs::unary,
            Specs::softmax,
            Specs::convert,
            Specs::concat,
            Specs::transpose);
    return families.flatMap(family -> Case.random(40, family));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("allElse")
  void allElseMatchesTheOracle(Case c) {
    matchTheOracle(c);
  }

  private static void matchTheOracle(Case c) {
    ASKED.incrementAndGet();
    Optional<Output> actual = SpecRunner.tryRun(ONEDNN, c.spec(), c.inputs());
    if (actual.isPresent()) {
      SERVED.incrementAndGet();
      Parity.assertMatches(c, SpecRunner.run(ORACLE, c.spec(), c.inputs()), actual.get());
    }
  }

  static Stream<Case> constantCorners() {
    return Stream.concat(Corners.linears(), Corners.convs());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("constantCorners")
  void sumsAreExactUpToTheLimit(Case c) {
    Machine.requireInt8();
    Optional<Output> sums = SpecRunner.tryRun(ONEDNN, c.spec(), c.inputs());
    TensorDesc x = c.spec().inputs().getFirst();
    // Without VNNI an s8 input is handed over with a zero point of 128.
    boolean corrected =
        x.quant().zeroPoint() != 0 || x.type() == DataType.S8 && !DnnlIsa.effective().hasVnni();
    assertTrue(sums.isPresent() || corrected, () -> "refused: " + c);
    sums.ifPresent(
        output -> {
          int[] expected = new int[output.ints().length];
          Arrays.fill(expected, Corners.expectedSum(c));
          assertArrayEquals(expected, output.ints(), c::toString);
        });
  }

  static Stream<Case> knownFaults() {
    return Convs.knownFaults();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("knownFaults")
  void convolutionsThatWereWrongAreRight(Case c) {
    Machine.requireInt8();
    Output expected = SpecRunner.run(ORACLE, c.spec(), c.inputs());
    SpecRunner.tryRun(ONEDNN, c.spec(), c.inputs())
        .ifPresent(actual -> Parity.assertMatches(c, expected, actual));
  }

  static Stream<Case> realLayers() {
    return Convs.realLayers(4);
  }

  static Stream<Case> wholeRealLayers() {
    return Convs.realLayers(Integer.MAX_VALUE);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("realLayers")
  void realLayersMatchTheOracle(Case c) {
    Machine.requireInt8();
    Parity.assertMatches(
        c,
        SpecRunner.run(ORACLE, c.spec(), c.inputs()),
        SpecRunner.run(ONEDNN, c.spec(), c.inputs()));
  }

  @Tag("long")
  @ParameterizedTest(name = "{0}")
  @MethodSource("wholeRealLayers")
  void wholeRealLayersMatchTheOracle(Case c) {
    realLayersMatchTheOracle(c);
  }
}
