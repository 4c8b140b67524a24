package io.octet.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.graph.Graph;
import io.octet.graph.op.ValueInfo;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.SmallNets;
import java.lang.foreign.Arena;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A network of fixed shapes has one plan: once that is made, nothing holds on to the weights as
/// they were.
class ForgottenWeightsTest {
  private static final Shape IMAGE = Shape.of(1, 3, 12, 12);
  private static final int MANY = 400;
  private static final int ROUNDS = 50;

  /// With weights that nobody else holds, and one image at a time.
  private static Graph fixed(Graph net) {
    Map<String, Tensor> own = new HashMap<>();
    net.initializers()
        .forEach((name, t) -> own.put(name, Tensor.wrap(t.type(), t.shape(), t.data())));
    ValueInfo image = new ValueInfo("input", DataType.F32, IMAGE);
    List<ValueInfo> outputs = List.of(new ValueInfo("output", DataType.F32, Shape.of(1, 10)));
    return new Graph(net.name(), List.of(image), outputs, own, net.nodes());
  }

  private static List<WeakReference<Tensor>> weights(Graph graph) {
    return graph.initializers().values().stream()
        .filter(t -> t.elements() >= MANY)
        .map(WeakReference::new)
        .toList();
  }

  private static boolean areCollected(List<WeakReference<Tensor>> weights) {
    for (int i = 0; i < ROUNDS; i++) {
      System.gc();
      if (weights.stream().allMatch(w -> w.get() == null)) {
        return true;
      }
    }
    return false;
  }

  private static float[] run(Session session, long seed) {
    Map<String, Tensor> image = Map.of("input", SmallNets.image(1, seed));
    return session.run(image, Arena.ofAuto()).get("output").toFloats();
  }

  @ParameterizedTest
  @CsvSource({
    "true, '', false",
    "true, '', true",
    "true, reference, false",
    "true, jvm, false",
    "false, '', false",
    "false, jvm, false",
    "false, reference, false"
  })
  void nobodyHoldsTheWeightsOfFixedShapes(boolean int8, String backend, boolean exact)
      throws Exception {
    Graph graph = fixed(int8 ? SmallNets.int8(5) : SmallNets.fp32(5));
    List<WeakReference<Tensor>> weights = weights(graph);
    assertFalse(weights.isEmpty());
    SessionOptions options =
        SessionOptions.builder()
            .kernels(k -> k.exact(exact))
            .kernels(k -> backend.isEmpty() ? k : k.backends(backend))
            .threads(t -> t.maxConcurrentRuns(2))
            .build();
    try (Session session = Session.open(graph, options)) {
      graph = null;
      float[] before = run(session, 1);
      // The oracle reads weights as they are.
      assertEquals(!backend.equals("reference"), areCollected(weights), "weights are collected");
      assertArrayEquals(before, run(session, 1));
      assertTwoAtOnce(session, before);
      assertEquals("[1,10]", session.outputs().getFirst().shape().toString());
      assertEquals(session.outputs(), session.outputs(Map.of("input", IMAGE)));
      assertFalse(session.explain().isEmpty());
    }
  }

  /// The second needs a workspace of its own.
  private static void assertTwoAtOnce(Session session, float[] expected) throws Exception {
    Callable<float[]> many =
        () -> {
          for (int i = 0; i < ROUNDS; i++) {
            assertArrayEquals(expected, run(session, 1));
          }
          return expected;
        };
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      for (Future<float[]> one : threads.invokeAll(List.of(many, many))) {
        one.get();
      }
    }
  }

  @Test
  void anotherShapeIsRefusedInTheSameWords() {
    Graph graph = fixed(SmallNets.fp32(5));
    try (Session session = Session.open(graph)) {
      Map<String, Shape> two = Map.of("input", Shape.of(2, 3, 12, 12));
      Map<String, Tensor> images = Map.of("input", SmallNets.image(2, 1));
      String before = message(() -> session.run(images, Arena.ofAuto()));
      assertEquals("input \"input\" has shape [2,3,12,12], expected [1,3,12,12]", before);
      run(session, 1);
      assertEquals(before, message(() -> session.run(images, Arena.ofAuto())));
      assertEquals(before, message(() -> session.outputs(two)));
      assertEquals(before, message(() -> session.explain(two)));
    }
  }

  private static String message(Runnable run) {
    return assertThrows(IllegalArgumentException.class, run::run).getMessage();
  }

  /// What could not be made again is not given up for want of memory.
  @Test
  void theOnlyPlanStaysWhereMemoryIsShort() {
    Graph graph = fixed(SmallNets.fp32(5));
    long need;
    try (Session session = Session.open(graph)) {
      run(session, 1);
      need = session.heldBytes();
    }
    SessionOptions options =
        SessionOptions.builder()
            .threads(t -> t.maxConcurrentRuns(2))
            .memory(m -> m.limit(need + 100))
            .build();
    try (Session session = Session.open(graph, options);
        ExecutorService threads = Executors.newFixedThreadPool(2)) {
      float[] expected = run(session, 1);
      Callable<Boolean> attempt =
          () -> {
            for (int i = 0; i < ROUNDS; i++) {
              try {
                assertArrayEquals(expected, run(session, 1));
              } catch (io.octet.OctetException.Unsupported e) {
                return false; // a second workspace does not fit
              }
            }
            return true;
          };
      for (int i = 0; i < ROUNDS; i++) {
        for (Future<Boolean> one : threads.invokeAll(List.of(attempt, attempt))) {
          one.get();
        }
        assertArrayEquals(expected, run(session, 1), "alone, in whatever slot");
      }
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /// Another batch may want another packing: one original stays.
  @Test
  void weightsOfFreeAxesStay() {
    Graph graph = SmallNets.fp32(5);
    List<WeakReference<Tensor>> weights = weights(graph);
    try (Session session = Session.open(graph)) {
      graph = null;
      run(session, 1);
      System.gc();
      assertTrue(weights.stream().noneMatch(w -> w.get() == null));
      Map<String, Tensor> two = Map.of("input", SmallNets.image(2, 1));
      assertEquals(20, session.run(two, Arena.ofAuto()).get("output").elements());
    }
  }
}
