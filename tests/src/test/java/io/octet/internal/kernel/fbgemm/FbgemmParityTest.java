package io.octet.internal.kernel.fbgemm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.octet.OctetException;
import io.octet.graph.Window;
import io.octet.internal.ffi.Availability.Available;
import io.octet.internal.ffi.Fbgemm;
import io.octet.internal.ffi.FbgemmBindings;
import io.octet.internal.ffi.Natives;
import io.octet.internal.kernel.Activation;
import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.Invocation;
import io.octet.internal.kernel.Kernel;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.PackedWeights;
import io.octet.internal.kernel.PostOps;
import io.octet.internal.kernel.RefusalCode;
import io.octet.internal.kernel.Saturation;
import io.octet.internal.kernel.Support;
import io.octet.internal.kernel.Weights;
import io.octet.internal.kernel.reference.ReferenceBackend;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.Case;
import io.octet.testkit.Corners;
import io.octet.testkit.Parity;
import io.octet.testkit.SpecRunner;
import io.octet.testkit.SpecRunner.Output;
import io.octet.testkit.Specs;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// FBGEMM against the oracle. What it refuses is counted.
class FbgemmParityTest {
  private static final FbgemmBackend FBGEMM = new FbgemmBackend();
  private static final ReferenceBackend ORACLE = new ReferenceBackend();
  private static final AtomicInteger ASKED = new AtomicInteger();
  private static final AtomicInteger SERVED = new AtomicInteger();

  @BeforeAll
  static void needsItsBinary() {
    assumeTrue(Natives.fbgemm() instanceof Available, () -> "SKIPPED: " + Natives.fbgemm());
  }

  @AfterAll
  static void mostOfWhatIsAskedIsServed() {
    assertTrue(
        ASKED.get() < 20 || !Fbgemm.instructionSet().hasVnni() || SERVED.get() * 2 > ASKED.get(),
        () -> "FBGEMM served only " + SERVED + " of " + ASKED);
  }

  static Stream<Case> randomSpecs() {
    Stream<Case.Family> families =
        Stream.of(
            r -> withoutClamp(Specs.conv(r, int8(r), DataType.S32, Layout.NHWC)),
            r -> withoutClamp(Specs.conv(r, int8(r), DataType.U8, Layout.NHWC)),
            r -> withoutClamp(Specs.conv(r, int8(r), DataType.S8, Layout.NHWC)),
            FbgemmParityTest::depthwise,
            FbgemmParityTest::groupwise,
            r -> withoutClamp(Specs.linear(r, int8(r), DataType.S32)),
            r -> withoutClamp(Specs.linear(r, int8(r), DataType.U8)),
            r -> withoutClamp(Specs.linear(r, int8(r), DataType.S8)));
    return families.flatMap(family -> Case.random(60, family));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("randomSpecs")
  void randomSpecsMatchTheOracle(Case c) {
    ASKED.incrementAndGet();
    Optional<Output> actual = SpecRunner.tryRun(FBGEMM, c.spec(), c.inputs());
    if (actual.isPresent()) {
      SERVED.incrementAndGet();
      Parity.assertMatches(c, SpecRunner.run(ORACLE, c.spec(), c.inputs()), actual.get());
    }
  }

  /// Sums shown as they are by outputs of scale 1: small weights and inputs, several zero points.
  static Stream<Case> exposedSums() {
    return Stream.<Case.Family>of(FbgemmParityTest::exposedConv, FbgemmParityTest::exposedDepthwise)
        .flatMap(family -> Case.random(60, family));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("exposedSums")
  void requantizedSumsAreExactWhereEachStepIsOne(Case c) {
    Output expected = SpecRunner.run(ORACLE, c.spec(), c.inputs());
    Parity.assertIdentical(c, expected, SpecRunner.run(FBGEMM, c.spec(), c.inputs()));
  }

  static Stream<Case> constantCorners() {
    return Stream.concat(Corners.linears(), Corners.convs());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("constantCorners")
  void sumsAreExactUpToTheLimit(Case c) {
    Optional<Output> sums = SpecRunner.tryRun(FBGEMM, c.spec(), c.inputs());
    boolean exact = Fbgemm.instructionSet().hasVnni();
    assertTrue(sums.isPresent() || !exact, () -> "refused: " + c);
    sums.ifPresent(
        output -> {
          int[] expected = new int[output.ints().length];
          Arrays.fill(expected, Corners.expectedSum(c));
          assertArrayEquals(expected, output.ints(), c::toString);
        });
  }

  @Test
  void depthwiseWeightsThatCouldSaturateAreRefused() {
    KernelSpec.Conv safe = depthwise(new SplittableRandom(1), 64, Window.of(3, 3).pads(1, 1, 1, 1));
    KernelSpec.Conv wide =
        depthwise(new SplittableRandom(1), 127, Window.of(3, 3).pads(1, 1, 1, 1));
    assertEquals(
        List.of(), Saturation.unsafeChannels(safe.weights().values(), Saturation.LARGEST_INPUT));
    assertInstanceOf(Support.Supported.class, create(safe));
    Support.Refused refused = assertInstanceOf(Support.Refused.class, create(wide));
    assertEquals(RefusalCode.WOULD_SATURATE, refused.code());
  }

  @Test
  void groupsWhoseLastStoreWouldLeaveTheOutputAreRefused() {
    Window window = Window.of(3, 3).pads(1, 1, 1, 1);
    SplittableRandom random = new SplittableRandom(5);
    assertInstanceOf(
        Support.Refused.class, create(conv(random, new Sizes(28, 28, 7, window, 9, 0.05f))));
    assertInstanceOf(
        Support.Supported.class, create(conv(random, new Sizes(32, 32, 8, window, 9, 0.05f))));
  }

  private static Support create(KernelSpec spec) {
    try (PackedWeights packed = new PackedWeights()) {
      Support support = FBGEMM.create(spec, new KernelContext(1, packed));
      if (support instanceof Support.Supported(Kernel kernel)) {
        kernel.close();
      }
      return support;
    }
  }

  @Test
  void aThrownCppExceptionArrivesAsOneOfJava() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment shape =
          arena.allocateFrom(ValueLayout.JAVA_INT, 63, 64, 4, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1);
      MemorySegment weights = arena.allocate(64 * 63 * 9);
      OctetException thrown =
          assertThrows(
              OctetException.NativeFailure.class,
              () ->
                  Bridge.create(
                      "octet_fbgemm_conv_create",
                      out -> FbgemmBindings.convCreate(shape, weights, 0, out)));
      assertTrue(thrown.getMessage().contains("groups must divide the channels"));
    }
  }

  @Test
  void eightThreadsOnOneKernelGetTheAnswerOfOneAndSoDoTeams() throws Exception {
    KernelSpec spec = exposedConv(new SplittableRandom(3));
    byte[] x = new byte[Math.toIntExact(spec.inputs().getFirst().bytes())];
    new java.util.Random(4).nextBytes(x);
    byte[] expected = SpecRunner.run(ORACLE, spec, (Object) x).raw();
    for (int team : new int[] {1, 2, 3}) {
      try (PackedWeights packed = new PackedWeights();
          Kernel kernel =
              ((Support.Supported) FBGEMM.create(spec, new KernelContext(team, packed))).kernel();
          ExecutorService threads = Executors.newFixedThreadPool(8)) {
        List<Future<?>> all = new ArrayList<>();
        for (int t = 0; t < 8; t++) {
          all.add(threads.submit(() -> runs(kernel, spec, x, expected)));
        }
        for (Future<?> one : all) {
          one.get();
        }
      }
    }
  }

  private static void runs(Kernel kernel, KernelSpec spec, byte[] x, byte[] expected) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment in = arena.allocate(x.length, 64).copyFrom(MemorySegment.ofArray(x));
      MemorySegment out = arena.allocate(spec.y().bytes(), 64);
      MemorySegment scratch = arena.allocate(Math.max(64, kernel.scratchBytes()), 64);
      try (Invocation invocation = kernel.bind(new Buffers(List.of(in), out, scratch))) {
        for (int i = 0; i < 100; i++) {
          out.fill((byte) 0x5a);
          invocation.run();
          assertArrayEquals(expected, out.toArray(ValueLayout.JAVA_BYTE));
        }
      }
    }
  }

  private static DataType int8(RandomGenerator random) {
    return random.nextBoolean() ? DataType.U8 : DataType.S8;
  }

  private static KernelSpec withoutClamp(KernelSpec.Conv s) {
    return new KernelSpec.Conv(s.x(), s.y(), s.weights(), s.window(), s.groups(), relu(s.post()));
  }

  private static KernelSpec withoutClamp(KernelSpec.Linear s) {
    return new KernelSpec.Linear(s.x(), s.y(), s.weights(), relu(s.post()));
  }

  /// Residuals and clamps other than ReLU, which FBGEMM has not, left out.
  private static PostOps relu(PostOps post) {
    return post.clamps() ? PostOps.RELU : PostOps.NONE;
  }

  /// Weights within [-64, 64], which no instruction set saturates.
  private static KernelSpec depthwise(RandomGenerator random) {
    int kernel = random.nextBoolean() ? 3 : 5;
    int pad = kernel / 2;
    int stride = random.nextInt(1, 3);
    return depthwise(
        random, 64, Window.of(kernel, kernel).stride(stride, stride).pads(pad, pad, pad, pad));
  }

  private static KernelSpec.Conv depthwise(RandomGenerator random, int largest, Window window) {
    int channels = 8 * random.nextInt(1, 9);
    return conv(random, new Sizes(channels, channels, channels, window, largest, 0.05f));
  }

  /// Groups of 4, 8 or 16 channels, which FBGEMM has an algorithm for.
  private static KernelSpec groupwise(RandomGenerator random) {
    int perGroup = 4 << random.nextInt(3);
    int groups = random.nextInt(1, 9);
    int stride = random.nextInt(1, 3);
    Window window = Window.of(3, 3).stride(stride, stride).pads(1, 1, 1, 1);
    int channels = groups * perGroup;
    return conv(random, new Sizes(channels, channels, groups, window, 127, 0.05f));
  }

  private static KernelSpec exposedConv(RandomGenerator random) {
    Window window = Window.of(3, 3).pads(1, 1, 1, 1);
    return conv(random, new Sizes(32, 48, random.nextBoolean() ? 1 : 4, window, 1, 1));
  }

  private static KernelSpec exposedDepthwise(RandomGenerator random) {
    return conv(random, new Sizes(32, 32, 32, Window.of(3, 3).pads(1, 1, 1, 1), 1, 1));
  }

  private record Sizes(int c, int m, int groups, Window window, int largest, float scale) {}

  /// With scale 1 all scales are 1; otherwise the output's spreads the sums.
  private static KernelSpec.Conv conv(RandomGenerator random, Sizes s) {
    int h = random.nextInt(s.window.kernelH(), 12);
    int w = random.nextInt(s.window.kernelW(), 12);
    int inner = s.c / s.groups * s.window.kernelH() * s.window.kernelW();
    byte[] values = new byte[s.m * inner];
    for (int i = 0; i < values.length; i++) {
      values[i] = (byte) random.nextInt(-s.largest, s.largest + 1);
    }
    values[0] = values[Math.min(1, values.length - 1)] = (byte) s.largest;
    DataType type = int8(random);
    QuantParams x =
        QuantParams.perTensor(type, s.scale, random.nextInt((int) type.min(), (int) type.max()));
    DataType out = int8(random);
    float yScale =
        s.scale == 1 ? 1 : (float) (s.scale * 0.01 * s.largest * 128 * Math.sqrt(inner) / 64);
    QuantParams y =
        QuantParams.perTensor(out, yScale, random.nextInt((int) out.min(), (int) out.max() + 1));
    float[] scales = new float[s.scale == 1 || random.nextBoolean() ? 1 : s.m];
    Arrays.fill(scales, s.scale == 1 ? 1 : 0.01f);
    Shape outShape = Shape.of(2, s.m, s.window.outputH(h, false), s.window.outputW(w, false));
    return new KernelSpec.Conv(
        Activation.quantized(Layout.NHWC, Shape.of(2, s.c, h, w), x),
        Activation.quantized(Layout.NHWC, outShape, y),
        new Weights(
            Tensor.of(
                DataType.S8, values, s.m, s.c / s.groups, s.window.kernelH(), s.window.kernelW()),
            scales,
            new float[0]),
        s.window,
        s.groups,
        random.nextBoolean() ? PostOps.RELU : PostOps.NONE);
  }
}
