package io.octet.quant.observe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.quant.Golden;
import io.octet.quant.IntegerLayer;
import io.octet.quant.QConfig;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantMath;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.Seeds;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Observers against PyTorch's, to the last bit, and by their own rules.
final class ObserverTest {
  private static final Map<String, Tensor> ARRAYS = Golden.arrays("observers");
  private static final Map<String, Object> ANSWERS = Golden.object("observers");

  private static final Map<String, ObserverKind> KINDS =
      Map.of(
          "minMax", ObserverKind.MIN_MAX,
          "movingAverage", ObserverKind.MOVING_AVERAGE,
          "histogram", ObserverKind.HISTOGRAM);

  static Stream<Arguments> goldenCases() {
    return Golden.objects(ANSWERS, "cases").stream()
        .flatMap(
            c ->
                Golden.object(c, "observers").keySet().stream()
                    .map(kind -> Arguments.of(c.get("name"), kind, c)));
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("goldenCases")
  void observesWhatPyTorchObserves(String name, String kind, Map<String, Object> golden) {
    Observer observer = Observer.of(KINDS.get(kind));
    feed(observer, name, golden);
    Map<String, Object> formats = Golden.object(Golden.object(golden, "observers"), kind);
    Range range = observer.range();
    for (String format : formats.keySet()) {
      Map<String, Object> expected = Golden.object(formats, format);
      assertEquals(Golden.number(expected, "min"), observer.seen().low() + 0f, format);
      assertEquals(Golden.number(expected, "max"), observer.seen().high() + 0f, format);
      if (expected.containsKey("rangeMin")) {
        assertEquals(Golden.number(expected, "rangeMin"), range.low() + 0f, format);
        assertEquals(Golden.number(expected, "rangeMax"), range.high() + 0f, format);
      }
      QuantParams params =
          switch (format) {
            case "u8" -> QConfig.onednn().params(range, false);
            case "u8_reduced" -> QConfig.fbgemm().params(range, false);
            case "s8_symmetric" -> symmetric(range);
            default -> throw new AssertionError(format);
          };
      assertEquals(Golden.number(expected, "scale"), params.scale(), format);
      assertEquals(Golden.number(expected, "zeroPoint"), params.zeroPoint(), format);
    }
    if (observer instanceof HistogramObserver histogram) {
      assertArrayEquals(ARRAYS.get(name + ".histogram").toFloats(), histogram.bins());
    }
  }

  /// PyTorch's s8: the range is widened to contain 0, and has 127.5 steps on either side.
  private static QuantParams symmetric(Range range) {
    float most = Math.max(-Math.min(range.low(), 0f), Math.max(range.high(), 0f));
    return QuantParams.perTensor(
        DataType.S8, QuantMath.symmetricScale(most, 127.5f, QuantMath.TORCH_SMALLEST_SCALE), 0);
  }

  private static void feed(Observer observer, String name, Map<String, Object> golden) {
    float[] values = ARRAYS.get(name + ".values").toFloats();
    int[] sizes = Golden.ints(golden, "batchSizes");
    int[] repeats = Golden.ints(golden, "repeats");
    int from = 0;
    for (int i = 0; i < sizes.length; i++) {
      float[] batch = Arrays.copyOfRange(values, from, from + sizes[i]);
      for (int r = 0; r < repeats[i]; r++) {
        observer.accept(name, Tensor.of(batch, batch.length));
      }
      from += sizes[i];
    }
  }

  static Stream<String> weights() {
    return Stream.of("conv", "linear", "depthwise");
  }

  @ParameterizedTest
  @MethodSource("weights")
  void weightsHaveTheScalesAndIntegersOfPyTorch(String name) {
    String prefix = "perChannel." + name + ".";
    Tensor weight = ARRAYS.get(prefix + "weight");
    PerChannelMinMaxObserver observer = new PerChannelMinMaxObserver(0);
    observer.accept(name, weight);
    float[] min = new float[observer.channels()];
    float[] max = new float[observer.channels()];
    for (int c = 0; c < min.length; c++) {
      min[c] = observer.range(c).low();
      max[c] = observer.range(c).high();
    }
    assertArrayEquals(ARRAYS.get(prefix + "min").toFloats(), min);
    assertArrayEquals(ARRAYS.get(prefix + "max").toFloats(), max);

    IntegerLayer.Source source = new IntegerLayer.Source(name, name, weight, 0, new float[0]);
    IntegerLayer layer = IntegerLayer.quantize(source, 1, QConfig.fbgemm());
    assertArrayEquals(ARRAYS.get(prefix + "scale").toFloats(), layer.scales());
    assertSameIntegers(ARRAYS.get(prefix + "int8").toBytes(), weight, layer);
  }

  /// PyTorch multiplies by the float reciprocal of the scale where ONNX divides: next to a tie the
  /// integers differ by one, and nowhere else.
  static void assertSameIntegers(byte[] expected, Tensor weight, IntegerLayer layer) {
    byte[] actual = layer.weights().toBytes();
    int each = actual.length / layer.scales().length;
    for (int i = 0; i < actual.length; i++) {
      float scale = layer.scales()[i / each];
      float steps = weight.getFloat(i) / scale;
      boolean nearTie = Math.abs(Math.abs(steps - Math.rint(steps)) - 0.5) < 1e-4;
      assertEquals(expected[i], actual[i], nearTie ? 1 : 0, "element " + i + " = " + steps);
    }
  }

  @ParameterizedTest
  @EnumSource(ObserverKind.class)
  void aNewObserverHasSeenNothing(ObserverKind kind) {
    Observer observer = Observer.of(kind);
    assertTrue(observer.isEmpty());
    assertThrows(IllegalStateException.class, observer::range);
    observer.accept("x", Tensor.of(new float[0], 0));
    assertTrue(observer.isEmpty());
  }

  @ParameterizedTest
  @EnumSource(ObserverKind.class)
  void notANumberIsRefusedByName(ObserverKind kind) {
    Observer observer = Observer.of(kind);
    Tensor bad = Tensor.of(new float[] {1, Float.NaN}, 2);
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> observer.accept("conv1.out", bad));
    assertEquals("calibration found NaN in \"conv1.out\" (element 1 of f32[2])", e.getMessage());
    Tensor integers = Tensor.of(new int[] {1}, 1);
    assertThrows(IllegalArgumentException.class, () -> observer.accept("x", integers));
  }

  @ParameterizedTest
  @EnumSource(ObserverKind.class)
  void infinitiesAreLeftOutAndCounted(ObserverKind kind) {
    Observer observer = Observer.of(kind);
    float infinity = Float.POSITIVE_INFINITY;
    observer.accept("x", Tensor.of(new float[] {-1, infinity, 2, -infinity}, 4));
    observer.accept("x", Tensor.of(new float[] {infinity}, 1));
    assertEquals(3, observer.infinities());
    assertEquals(new Range(-1, 2), observer.seen());
  }

  @Test
  void mergedMinMaxIsThatOfEverything() {
    Observer a = new MinMaxObserver();
    Observer b = new MinMaxObserver();
    a.accept("a", Tensor.of(new float[] {-1, 2}, 2));
    b.accept("b", Tensor.of(new float[] {-3, 1}, 2));
    a.merge(b);
    a.merge(new MinMaxObserver());
    assertEquals(new Range(-3, 2), a.range());
  }

  @Test
  void mergedMovingAveragesCountByTheirBatches() {
    Observer a = new MovingAverageObserver();
    Observer b = new MovingAverageObserver();
    a.accept("a", Tensor.of(new float[] {0, 4}, 2));
    b.accept("b", Tensor.of(new float[] {-4, 0}, 2));
    b.accept("b", Tensor.of(new float[] {-4, 0}, 2));
    b.accept("b", Tensor.of(new float[] {-4, 0}, 2));
    a.merge(b);
    assertEquals(new Range(-3, 1), a.range());
    Observer empty = new MovingAverageObserver();
    empty.merge(a);
    assertEquals(a.range(), empty.range());
  }

  /// The second merge counts what the first one brought.
  @Test
  void threeMergedMovingAveragesCountByAllTheirBatches() {
    Observer first = observed(1, 0, 6);
    first.merge(observed(2, -3, 0));
    first.merge(observed(3, -12, 12));
    assertEquals(new Range(-7, 7), first.range());
    Observer fromNothing = new MovingAverageObserver();
    fromNothing.merge(observed(1, 0, 6));
    fromNothing.merge(observed(2, -3, 0));
    fromNothing.merge(observed(3, -12, 12));
    assertEquals(first.range(), fromNothing.range());
  }

  private static Observer observed(int batches, float low, float high) {
    Observer observer = new MovingAverageObserver();
    for (int i = 0; i < batches; i++) {
      observer.accept("x", Tensor.of(new float[] {low, high}, 2));
    }
    return observer;
  }

  @Test
  void aMovingAverageBeyondFloatsDifferencesStaysFinite() {
    Observer observer = new MovingAverageObserver();
    float most = Float.MAX_VALUE;
    observer.accept("x", Tensor.of(new float[] {-most, -most}, 2));
    observer.accept("x", Tensor.of(new float[] {most, most}, 2));
    assertEquals(-0.98f * most, observer.range().low(), 1e-6f * most);
    Observer other = new MovingAverageObserver();
    other.accept("x", Tensor.of(new float[] {most}, 1));
    other.merge(observer);
    assertEquals((1 - 2 * 0.98f) / 3 * most, other.range().low(), 1e-6f * most);
  }

  @Test
  void aValueOnAnEdgeBelongsToTheBinThatBeginsThere() {
    HistogramObserver observer = new HistogramObserver();
    float[] values = new float[HistogramObserver.BINS + 1];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    observer.accept("x", Tensor.of(values, values.length));
    float[] expected = new float[HistogramObserver.BINS];
    Arrays.fill(expected, 1);
    expected[expected.length - 1] = 2; // the upper end belongs to the last bin
    assertArrayEquals(expected, observer.bins());
  }

  /// Old bins are split into 16, and a piece whose middle lies on an edge goes up.
  @Test
  void aPieceWhoseMiddleIsAnEdgeGoesUp() {
    HistogramObserver observer = new HistogramObserver();
    observer.accept("x", Tensor.of(new float[] {0, 2047.5f, 2048}, 3));
    // Bins become 32 wide: the last old bin's pieces, 1/16 wide, lie in [2047, 2048).
    observer.accept("x", Tensor.of(new float[] {65_536}, 1));
    float[] expected = new float[HistogramObserver.BINS];
    expected[0] = 1;
    expected[63] = 2;
    expected[2047] = 1;
    assertArrayEquals(expected, observer.bins());
  }

  /// A range of one value has no error, however it is cut: equal errors go on, as in PyTorch, and
  /// the upper end moves first, to below the bin.
  @Test
  void theSearchGoesOnWhereErrorsAreEqual() {
    float[] bins = new float[HistogramObserver.BINS];
    bins[1000] = 4;
    HistogramSearch search = new HistogramSearch(new Range(3, 3), bins);
    assertEquals(999, search.start());
    assertEquals(999, search.end());
    assertEquals(new Range(3, 3), search.range());
  }

  @Test
  void histogramsOverOneRangeMergeByAddition() {
    Random random = new Random(5);
    HistogramObserver all = new HistogramObserver();
    HistogramObserver a = new HistogramObserver();
    HistogramObserver b = new HistogramObserver();
    for (int i = 0; i < 20; i++) {
      float[] batch = new float[500];
      for (int j = 2; j < batch.length; j++) {
        batch[j] = (float) random.nextGaussian();
      }
      batch[0] = -8;
      batch[1] = 8;
      Tensor t = Tensor.of(batch, batch.length);
      all.accept("x", t);
      (i % 2 == 0 ? a : b).accept("x", t);
    }
    a.merge(b);
    assertArrayEquals(all.bins(), a.bins());
    assertEquals(all.range(), a.range());
  }

  @Test
  void histogramsOverOtherRangesKeepTheirCounts() {
    HistogramObserver a = new HistogramObserver();
    HistogramObserver b = new HistogramObserver();
    a.accept("a", Tensor.of(new float[] {0, 1, 2, 3}, 4));
    b.accept("b", Tensor.of(new float[] {-7, -5, 9}, 3));
    HistogramObserver empty = new HistogramObserver();
    empty.merge(a);
    assertEquals(a.range(), empty.range());
    a.merge(b);
    assertEquals(new Range(-7, 9), a.seen());
    assertEquals(7f, sum(a.bins()), 1e-4f);
    a.merge(new HistogramObserver());
    assertEquals(7f, sum(a.bins()), 1e-4f);
  }

  @Test
  void observersOfOtherKindsDoNotMerge() {
    List<Observer> kinds =
        List.of(new MinMaxObserver(), new MovingAverageObserver(), new HistogramObserver());
    for (Observer a : kinds) {
      for (Observer b : kinds) {
        if (a != b) {
          assertThrows(IllegalArgumentException.class, () -> a.merge(b));
        }
      }
    }
  }

  @Test
  void channelsMayLieAlongAnyAxisAndMustStayAsMany() {
    PerChannelMinMaxObserver observer = new PerChannelMinMaxObserver(1);
    observer.accept("w", Tensor.of(new float[] {1, -2, 3, 4, 5, -6}, 3, 2));
    PerChannelMinMaxObserver other = new PerChannelMinMaxObserver(1);
    other.merge(observer);
    assertEquals(new Range(1, 5), other.range(0));
    assertEquals(new Range(-6, 4), other.range(1));
    Tensor three = Tensor.of(new float[3], 1, 3);
    assertThrows(IllegalArgumentException.class, () -> observer.accept("w", three));
    Tensor infinite = Tensor.of(new float[] {1, Float.NEGATIVE_INFINITY}, 1, 2);
    assertThrows(IllegalArgumentException.class, () -> observer.accept("w", infinite));
  }

  private static float sum(float[] values) {
    float sum = 0;
    for (float v : values) {
      sum += v;
    }
    return sum;
  }

  @Test
  void valuesAtTheEndsOfFloatStayInTheHistogram() {
    HistogramObserver observer = HistogramObserver.inAnyUnit();
    float most = Float.MAX_VALUE;
    observer.accept("x", Tensor.of(new float[] {-most, 0, most}, 3));
    observer.accept("x", Tensor.of(new float[] {1}, Shape.of(1).sizes()));
    assertEquals(4f, sum(observer.bins()));
  }

  static LongStream seeds() {
    return Seeds.cases(3);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void theQuickRemainderIsJavasOwn(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 300_000; i++) {
      float b = Math.abs(Float.intBitsToFloat(random.nextInt()));
      float near = b * (random.nextInt(4096) - 1024);
      float a = random.nextBoolean() ? near : Math.nextUp(near);
      if (b > 0 && Float.isFinite(a) && Float.isFinite(b)) {
        String which = a + " % " + b + " " + Seeds.replay(seed);
        assertEquals(a % b + 0f, HistogramSearch.remainder(a, b) + 0f, which);
      }
    }
  }
}
