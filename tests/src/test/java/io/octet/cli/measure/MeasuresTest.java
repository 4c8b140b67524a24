package io.octet.cli.measure;

import static io.octet.nn.Layers.flatten;
import static io.octet.nn.Layers.relu;
import static io.octet.nn.Layers.sequential;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Unary;
import io.octet.graph.op.ValueInfo;
import io.octet.io.Npy;
import io.octet.io.Samples;
import io.octet.runtime.Session;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the verbs measure, on numbers known beforehand.
class MeasuresTest {
  @TempDir private Path folder;

  /// Remembers what it was told.
  private static final class Told implements Watch {
    private final List<Long> values = new ArrayList<>();

    @Override
    public void accept(long value) {
      values.add(value);
    }

    @Override
    public void close() {}
  }

  // ---- Latencies

  @Test
  void percentilesAreThoseOfTheNearestRank() {
    long[] nanos = LongStream.rangeClosed(1, 100).map(n -> (101 - n) * 1_000_000).toArray();
    Latencies hundred = Latencies.of(nanos);
    assertEquals(100_000_000, nanos[0], "the caller's array stays as it was");
    assertEquals(50, hundred.p50());
    assertEquals(50, hundred.millis(0.50));
    assertEquals(90, hundred.millis(0.90));
    assertEquals(99, hundred.millis(0.99));
    assertEquals(100, hundred.millis(1));
    assertEquals(1, hundred.millis(0));
    assertEquals(2, hundred.millis(0.011));
    assertEquals(100, hundred.runs());
    Latencies three = Latencies.of(new long[] {3_500_000, 1_500_000, 2_500_000});
    assertEquals(2.5, three.p50());
    assertEquals(3.5, three.millis(0.99));
    assertEquals(1.5, three.millis(0.33));
    assertEquals(2.5, three.millis(0.34));
    Latencies one = Latencies.of(new long[] {250_000});
    assertEquals(0.25, one.p50());
    assertEquals(0.25, one.millis(0.99));
  }

  @Test
  void throughputCountsTheSamplesOfEachBatch() {
    Load load = new Load(Latencies.of(new long[] {1, 2, 3, 4, 5}), 2);
    assertEquals(2.5, load.throughput(1));
    assertEquals(20, load.throughput(8));
    assertEquals(2.5e9, load.throughput(1_000_000_000));
  }

  // ---- TopOne

  @Test
  void theFirstOfEqualScoresIsTheClass() {
    float nan = Float.NaN;
    float inf = Float.POSITIVE_INFINITY;
    assertEquals(1, largest(0, 3, 3));
    assertEquals(0, largest(2, 2, 2));
    assertEquals(2, largest(-3, -2, -1));
    assertEquals(1, largest(nan, 0, nan));
    assertEquals(1, largest(nan, -inf, -inf));
    assertEquals(0, largest(-inf, -inf, nan));
    assertEquals(2, largest(-inf, nan, 5));
    assertEquals(1, largest(5, inf, inf));
    assertEquals(-1, largest(nan, nan, nan));
    assertEquals(1, TopOne.largest(new float[] {9, 1, 5, 2, 9}, 1, 3), "within its own row");
  }

  private static int largest(float... scores) {
    return TopOne.largest(scores, 0, scores.length);
  }

  @Test
  void eachSampleOfEachBatchGetsItsOwnClass() throws IOException {
    int n = 23;
    float[] scores = new float[n * 4];
    int[] expected = new int[n];
    for (int i = 0; i < n; i++) {
      expected[i] = i * 7 % 4;
      scores[4 * i + expected[i]] = 1;
    }
    Path file = folder.resolve("scores.npy");
    Npy.write(file, Tensor.of(scores, n, 4, 1, 1));
    Told told = new Told();
    Graph graph = sequential(relu(), flatten()).input(4, 1, 1);
    try (Session session = Session.open(graph);
        Samples samples = Samples.open(file, graph.inputs(), 5, Optional.empty())) {
      assertArrayEquals(expected, TopOne.of(session, samples, told));
    }
    assertEquals(List.of(5L, 10L, 15L, 20L, 23L), told.values);
  }

  @Test
  void scoresThatAreNoRowForEachSampleAreRefused() throws IOException {
    Path file = folder.resolve("scores.npy");
    Npy.write(file, Tensor.of(new float[6], 6));
    Graph graph =
        new Graph(
            "flat",
            List.of(new ValueInfo("x", DataType.F32, Shape.batched("N"))),
            List.of(new ValueInfo("y", DataType.F32, Shape.batched("N"))),
            Map.of(),
            List.of(new Node("relu", new Unary.Relu(), List.of("x"), List.of("y"))));
    try (Session session = Session.open(graph);
        Samples samples = Samples.open(file, graph.inputs(), 3, Optional.empty())) {
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class, () -> TopOne.of(session, samples, new Told()));
      assertTrue(e.getMessage().contains("top-1 needs an output f32[3,classes]"), e.getMessage());
    }
  }

  @Test
  void agreementIsThePartOfSamplesWhereBothSayTheSame() {
    assertEquals(0.75, TopOne.agreement(new int[] {1, 2, 3, 4}, new int[] {1, 0, 3, 4}));
    assertEquals(1, TopOne.agreement(new int[] {7}, new int[] {7}));
    assertEquals(0, TopOne.agreement(new int[] {7}, new int[] {8}));
    assertThrows(IllegalArgumentException.class, () -> TopOne.agreement(new int[0], new int[0]));
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> TopOne.agreement(new int[2], new int[3]));
    assertTrue(e.getMessage().contains("got 2 samples and 3 labels"), e.getMessage());
  }

  @Test
  void labelsAreHeldToTheClassesThatThereAre() {
    TopOne.requireLabels(new int[] {0, 9}, Shape.of(32, 10), "labels");
    TopOne.requireLabels(new int[] {39}, Shape.of(2, 4, 10), "labels");
    TopOne.requireLabels(new int[0], Shape.of(2, 4), "labels");
    for (int wrong : new int[] {-1, 10}) {
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class,
              () -> TopOne.requireLabels(new int[] {0, wrong}, Shape.of(32, 10), "labels"));
      assertEquals(
          "labels: the label of sample 1 is %d, but the network has classes 0 to 9"
              .formatted(wrong),
          e.getMessage());
    }
  }

  // ---- Noise

  @Test
  void noiseIsTheRatioOfTheSumsOverAllBatches() {
    Noise noise = new Noise();
    noise.add("a", Tensor.of(new float[] {3, 4}, 2), Tensor.of(new float[] {3, 4.5f}, 2));
    assertEquals(20, noise.decibels("a"), 1e-9);
    noise.add("a", Tensor.of(new float[] {0, 0}, 2), Tensor.of(new float[] {1.5f, 0}, 2));
    assertEquals(10, noise.decibels("a"), 1e-9);
    noise.add("b", Tensor.of(new float[] {1}, 1), Tensor.of(new float[] {1}, 1));
    assertEquals(Double.POSITIVE_INFINITY, noise.decibels("b"));
    assertEquals(Double.NaN, noise.decibels("c"));
    assertEquals(10, noise.decibels("a"), 1e-9, "values do not mix");
  }

  // ---- Race and NodeTimes

  @Test
  void bothOfARaceRunEquallyOftenTenByTen() {
    Told told = new Told();
    try (Session session = Session.open(sequential(relu()).input(2, 1, 1))) {
      Map<String, Tensor> input = Map.of("input", Tensor.of(new float[2], 1, 2, 1, 1));
      Race race = Race.run(session, session, input, 0, told);
      assertEquals(30, race.first().runs());
      assertEquals(30, race.second().runs());
      assertTrue(race.first().p50() > 0);
    }
    assertEquals(6, told.values.size(), "three turns of warm-up, three that count");
  }

  @Test
  void aCallerKeepsEveryRunUntilItForgets() {
    try (Session session = Session.open(sequential(relu()).input(2, 1, 1));
        Caller caller = new Caller(session, Map.of("input", Tensor.of(new float[2], 1, 2, 1, 1)))) {
      caller.runUntil(Long.MIN_VALUE, 3);
      assertEquals(3, caller.nanos().length);
      caller.forget();
      assertEquals(0, caller.nanos().length);
      caller.runUntil(Long.MIN_VALUE, 5_000); // more than it has room for at first
      long[] nanos = caller.nanos();
      assertEquals(5_000, nanos.length);
      assertTrue(LongStream.of(nanos).allMatch(n -> n > 0));
      caller.forget();
      caller.runUntil(System.nanoTime() + 2_000_000, 1);
      assertTrue(caller.nanos().length >= 1);
    }
  }

  @Test
  void nodesHaveTimes() {
    try (Session session = Session.open(sequential(relu()).input(2, 1, 1))) {
      Map<String, Double> times =
          NodeTimes.of(session, Map.of("input", Tensor.of(new float[2], 1, 2, 1, 1)));
      assertEquals(1, times.size());
      assertTrue(times.values().iterator().next() > 0);
    }
  }
}
