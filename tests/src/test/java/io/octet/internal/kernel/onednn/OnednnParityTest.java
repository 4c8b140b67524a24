package io.octet.internal.kernel.onednn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.graph.Window;
import io.octet.internal.ffi.DnnlIsa;
import io.octet.internal.kernel.Activation;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.reference.ReferenceBackend;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import io.octet.testkit.Case;
import io.octet.testkit.Corners;
import io.octet.testkit.Machine;
import io.octet.testkit.Parity;
import io.octet.testkit.SpecRunner;
import io.octet.testkit.SpecRunner.Output;
import io.octet.testkit.Specs;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// oneDNN against the oracle. What it refuses is counted: a backend that refused everything would
/// agree with everything.
class OnednnParityTest {
  @BeforeAll
  static void needsInt8() {
    Machine.requireInt8();
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
    assertTrue(
        ASKED.get() < 20 || SERVED.get() * 2 > ASKED.get(),
        () -> "oneDNN served only " + SERVED + " of " + ASKED);
  }

  static Stream<Case> randomSpecs() {
    Stream<Case.Family> families =
        Stream.of(
            Specs::int8Conv,
            Specs::int8Conv,
            Specs::int8Conv,
            OnednnParityTest::wideGroups,
            r -> Specs.floatConv(r, Layout.NHWC),
            r -> Specs.floatConv(r, Layout.ROW_MAJOR),
            Specs::int8Linear,
            Specs::int8Linear,
            r -> Specs.linear(r, DataType.F32, DataType.F32),
            Specs::matMul,
            Specs::pool,
            Specs::binary,
            Specs::unary,
            Specs::softmax,
            Specs::convert,
            Specs::concat,
            Specs::transpose);
    return families.flatMap(family -> Case.random(40, family));
  }

  /// Groups of several blocks of output channels, which [Specs] makes too small for.
  static KernelSpec wideGroups(RandomGenerator random) {
    int groups = random.nextInt(1, 5);
    int h = random.nextInt(1, 7);
    int w = random.nextInt(1, 11);
    return ConvShape.raw(
        random,
        random.nextBoolean() ? DataType.U8 : DataType.S8,
        new ConvShape(
            1,
            groups * random.nextInt(1, 60),
            h,
            w,
            groups * random.nextInt(1, 100),
            groups,
            Specs.window(random, h, w, 3)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("randomSpecs")
  void randomSpecsMatchTheOracle(Case c) {
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
    Optional<Output> sums = SpecRunner.tryRun(ONEDNN, c.spec(), c.inputs());
    Activation x = c.spec().inputs().getFirst();
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

  /// One convolution of each kind for which an implementation of oneDNN 3.13 was seen to fail.
  static Stream<Case> knownFaults() {
    Window dense = Window.of(2, 2).stride(1, 3).pads(1, 1, 0, 0);
    return Stream.of(
            new ConvShape(2, 15, 7, 1, 17, 1, dense),
            new ConvShape(1, 24, 12, 5, 24, 1, Window.of(4, 4).stride(2, 3).pads(1, 0, 1, 0)),
            new ConvShape(2, 4, 13, 11, 76, 2, Window.of(3, 3).stride(2, 1).pads(2, 2, 0, 0)),
            new ConvShape(1, 87, 7, 14, 99, 3, Window.of(3, 3).pads(0, 2, 0, 1)),
            new ConvShape(1, 3, 3, 2, 405, 3, Window.of(2, 4).stride(1, 2).pads(0, 3, 0, 2)),
            new ConvShape(
                2, 9, 5, 1, 27, 3, Window.of(3, 2).stride(2, 3).dilation(1, 3).pads(1, 2, 0, 1)),
            new ConvShape(2, 7, 5, 2, 14, 7, Window.of(4, 4).stride(1, 3).pads(2, 1, 0, 1)),
            new ConvShape(
                3, 26, 8, 2, 3, 1, Window.of(5, 3).stride(3, 3).dilation(4, 3).pads(13, 1, 16, 6)),
            new ConvShape(1, 32, 67, 4, 48, 1, Window.of(1, 1).stride(3, 1).pads(0, 1, 0, 1)))
        .flatMap(
            shape ->
                Stream.of(DataType.U8, DataType.S8)
                    .flatMap(type -> Case.random(1, random -> ConvShape.raw(random, type, shape))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("knownFaults")
  void convolutionsThatWereWrongAreRight(Case c) {
    Output expected = SpecRunner.run(ORACLE, c.spec(), c.inputs());
    SpecRunner.tryRun(ONEDNN, c.spec(), c.inputs())
        .ifPresent(actual -> Parity.assertMatches(c, expected, actual));
  }

  /// Layers of the nets that everybody runs, at their real channels, so that every blocking is met.
  static Stream<Case> realLayers() {
    Window three = Window.of(3, 3).pads(1, 1, 1, 1);
    QuantParams afterRelu = QuantParams.perTensor(DataType.U8, 0.02f, 0);
    return Stream.of(
            new ConvShape(1, 3, 56, 56, 64, 1, Window.of(7, 7).stride(2, 2).pads(3, 3, 3, 3)),
            new ConvShape(1, 64, 28, 28, 64, 1, three),
            new ConvShape(1, 128, 28, 28, 128, 1, three.stride(2, 2)),
            new ConvShape(1, 256, 14, 14, 1024, 1, Window.of(1, 1)),
            new ConvShape(1, 512, 14, 14, 1024, 1, Window.of(1, 1).stride(2, 2)),
            new ConvShape(1, 512, 7, 7, 512, 1, three),
            new ConvShape(2, 16, 32, 32, 16, 1, three),
            new ConvShape(1, 128, 14, 14, 128, 32, three),
            new ConvShape(1, 256, 14, 14, 256, 32, three),
            new ConvShape(1, 512, 7, 7, 512, 32, three),
            new ConvShape(1, 384, 14, 14, 384, 384, three),
            new ConvShape(1, 144, 28, 28, 144, 144, three.stride(2, 2)))
        .flatMap(shape -> Case.random(1, r -> ConvShape.raw(r, afterRelu, shape)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("realLayers")
  void realLayersMatchTheOracle(Case c) {
    Parity.assertMatches(
        c,
        SpecRunner.run(ORACLE, c.spec(), c.inputs()),
        SpecRunner.run(ONEDNN, c.spec(), c.inputs()));
  }
}
