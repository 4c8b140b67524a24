package io.octet.internal.kernel.fbgemm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.octet.OctetException;
import io.octet.graph.op.Window;
import io.octet.internal.ffi.Availability.Available;
import io.octet.internal.ffi.Fbgemm;
import io.octet.internal.ffi.FbgemmBindings;
import io.octet.internal.ffi.Natives;
import io.octet.internal.kernel.Answer;
import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.Call;
import io.octet.internal.kernel.Encoding;
import io.octet.internal.kernel.Kernel;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.RefusalCode;
import io.octet.internal.kernel.Saturation;
import io.octet.internal.kernel.Saturation.Pairs;
import io.octet.internal.kernel.Weights;
import io.octet.internal.kernel.WeightsCache;
import io.octet.internal.kernel.reference.ReferenceBackend;
import io.octet.tensor.DataType;
import io.octet.tensor.Tensor;
import io.octet.testkit.Case;
import io.octet.testkit.Corners;
import io.octet.testkit.FbgemmSpecs;
import io.octet.testkit.Kernels;
import io.octet.testkit.Parity;
import io.octet.testkit.SpecRunner;
import io.octet.testkit.SpecRunner.Output;
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
    return FbgemmSpecs.families().flatMap(family -> Case.random(60, family));
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

  static Stream<Case> exposedSums() {
    return FbgemmSpecs.exposed().flatMap(family -> Case.random(60, family));
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
    KernelSpec.Conv safe =
        FbgemmSpecs.depthwise(new SplittableRandom(1), 64, Window.of(3, 3).pads(1, 1, 1, 1));
    KernelSpec.Conv wide =
        FbgemmSpecs.depthwise(new SplittableRandom(1), 127, Window.of(3, 3).pads(1, 1, 1, 1));
    assertEquals(
        List.of(),
        Saturation.unsafeChannels(
            safe.weights().values().tensor(), Encoding.UNBOUNDED, Pairs.ANY_TWO));
    assertInstanceOf(Answer.Offers.class, offers(safe));
    Answer.Refused refused = assertInstanceOf(Answer.Refused.class, offers(wide));
    assertEquals(RefusalCode.WOULD_SATURATE, refused.code());
  }

  /// Depthwise adds taps that are no neighbours: 100 and 100 with a 1 between them can saturate,
  /// though no two neighbours do.
  @Test
  void depthwiseIsJudgedByAnyTwoOfItsTaps() {
    KernelSpec.Conv safe =
        FbgemmSpecs.depthwise(new SplittableRandom(1), 1, Window.of(3, 3).pads(1, 1, 1, 1));
    byte[] taps = safe.weights().values().tensor().toBytes();
    taps[0] = 100;
    taps[1] = 1;
    taps[2] = 100;
    Weights old = safe.weights();
    Tensor values = Tensor.of(DataType.S8, taps, old.values().shape().sizes());
    assertEquals(
        List.of(), Saturation.unsafeChannels(values, Encoding.UNBOUNDED, Pairs.NEIGHBOURS));
    Weights apart = new Weights(values, old.scales(), old.bias());
    Answer.Refused refused =
        assertInstanceOf(
            Answer.Refused.class,
            offers(
                new KernelSpec.Conv(
                    safe.x(), safe.y(), apart, safe.window(), safe.groups(), safe.post())));
    assertEquals(RefusalCode.WOULD_SATURATE, refused.code());
    assertTrue(refused.detail().contains("output channel 0 can saturate"), refused::detail);
  }

  @Test
  void groupsWhoseLastStoreWouldLeaveTheOutputAreRefused() {
    Window window = Window.of(3, 3).pads(1, 1, 1, 1);
    SplittableRandom random = new SplittableRandom(5);
    assertInstanceOf(
        Answer.Refused.class,
        offers(FbgemmSpecs.conv(random, new FbgemmSpecs.Sizes(28, 28, 7, window, 9, 0.05f))));
    assertInstanceOf(
        Answer.Offers.class,
        offers(FbgemmSpecs.conv(random, new FbgemmSpecs.Sizes(32, 32, 8, window, 9, 0.05f))));
  }

  private static Answer offers(KernelSpec spec) {
    try (WeightsCache packed = new WeightsCache();
        Answer answer = FBGEMM.offers(spec, new KernelContext(1, packed))) {
      assertEquals(0, packed.size(), "nothing is packed before a kernel is made");
      return answer;
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
                      0,
                      out -> FbgemmBindings.convCreate(shape, weights, 0, out)));
      assertTrue(thrown.getMessage().contains("groups must divide the channels"));
    }
  }

  @Test
  void eightThreadsOnOneKernelGetTheAnswerOfOneAndSoDoTeams() throws Exception {
    KernelSpec spec = FbgemmSpecs.exposedConv(new SplittableRandom(3));
    byte[] x = new byte[Math.toIntExact(spec.inputs().getFirst().bytes())];
    new java.util.Random(4).nextBytes(x);
    byte[] expected = SpecRunner.run(ORACLE, spec, (Object) x).raw();
    for (int team : new int[] {1, 2, 3}) {
      try (WeightsCache packed = new WeightsCache();
          Kernel kernel = Kernels.made(FBGEMM, spec, new KernelContext(team, packed));
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
      try (Call call = kernel.bind(new Buffers(List.of(in), out, scratch))) {
        for (int i = 0; i < 100; i++) {
          out.fill((byte) 0x5a);
          call.run();
          assertArrayEquals(expected, out.toArray(ValueLayout.JAVA_BYTE));
        }
      }
    }
  }
}
