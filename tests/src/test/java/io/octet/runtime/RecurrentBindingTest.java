package io.octet.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Product;
import io.octet.graph.op.Unary;
import io.octet.graph.op.ValueInfo;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// A recurrent network of one step, `next = tanh(x W + state U)`, `y = 2 next`, run step by step:
/// what one run yields as its state the next one reads.
class RecurrentBindingTest {
  private static final int IN = 4;
  private static final int STATE = 9;
  private static final int STEPS = 50;

  private static Session session;
  private static float[] w;
  private static float[] u;
  private static float[][] steps;

  @BeforeAll
  static void open() {
    Random random = new Random(7);
    w = numbers(random, IN * STATE);
    u = numbers(random, STATE * STATE);
    steps = new float[STEPS][];
    for (int i = 0; i < STEPS; i++) {
      steps[i] = numbers(random, IN);
    }
    session = Session.open(cell());
  }

  @AfterAll
  static void close() {
    session.close();
  }

  private static float[] numbers(Random random, int n) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = 0.4f * (float) random.nextGaussian();
    }
    return values;
  }

  private static Graph cell() {
    ValueInfo next = new ValueInfo("next", DataType.F32, Shape.batched("N", STATE));
    return new Graph(
        "cell",
        List.of(
            new ValueInfo("x", DataType.F32, Shape.batched("N", IN)),
            new ValueInfo("state", DataType.F32, Shape.batched("N", STATE))),
        List.of(new ValueInfo("y", DataType.F32, next.shape()), next),
        Map.of("W", Tensor.of(w, IN, STATE), "U", Tensor.of(u, STATE, STATE), "two", two()),
        List.of(
            new Node("input", new Product.MatMul(), List.of("x", "W"), "a"),
            new Node("before", new Product.MatMul(), List.of("state", "U"), "b"),
            new Node("sum", new Binary.Add(), List.of("a", "b"), "s"),
            new Node("tanh", new Unary.Tanh(), List.of("s"), "next"),
            new Node("y", new Binary.Mul(), List.of("next", "two"), "y")));
  }

  private static Tensor two() {
    return Tensor.of(new float[] {2}, 1);
  }

  /// The states after each step, by loops.
  private static float[][] expected() {
    float[][] states = new float[STEPS][STATE];
    double[] state = new double[STATE];
    for (int t = 0; t < STEPS; t++) {
      double[] next = new double[STATE];
      for (int j = 0; j < STATE; j++) {
        double sum = 0;
        for (int i = 0; i < IN; i++) {
          sum += steps[t][i] * w[i * STATE + j];
        }
        for (int i = 0; i < STATE; i++) {
          sum += state[i] * u[i * STATE + j];
        }
        next[j] = Math.tanh(sum);
        states[t][j] = (float) next[j];
      }
      state = next;
    }
    return states;
  }

  private static Tensor zeros(int n) {
    return Tensor.of(new float[n], 1, n);
  }

  @Test
  void anOutputIsTheNextRunsInput() {
    Tensor x = zeros(IN);
    Tensor y = zeros(STATE);
    Tensor[] states = {zeros(STATE), zeros(STATE)};
    Binding[] turns = new Binding[2];
    for (int i = 0; i < 2; i++) {
      turns[i] =
          session.bind(Map.of("x", x, "state", states[i]), Map.of("y", y, "next", states[1 - i]));
    }
    float[][] expected = expected();
    for (int t = 0; t < STEPS; t++) {
      MemorySegment.copy(MemorySegment.ofArray(steps[t]), 0, x.data(), 0, x.data().byteSize());
      session.run(turns[t % 2]);
      assertArrayEquals(expected[t], states[1 - t % 2].toFloats(), 1e-5f);
      assertEquals(2 * states[1 - t % 2].getFloat(3), y.getFloat(3));
    }
  }

  @Test
  void oneMemoryServesAsTheStateInAndOut() {
    for (boolean offHeap : new boolean[] {false, true}) {
      try (Arena arena = Arena.ofConfined()) {
        Tensor x = zeros(IN);
        Tensor state =
            offHeap ? Tensor.allocate(arena, DataType.F32, Shape.of(1, STATE)) : zeros(STATE);
        Binding binding = session.bind(Map.of("x", x, "state", state), Map.of("next", state));
        float[][] expected = expected();
        for (int t = 0; t < STEPS; t++) {
          MemorySegment.copy(MemorySegment.ofArray(steps[t]), 0, x.data(), 0, x.data().byteSize());
          session.run(binding);
          assertArrayEquals(expected[t], state.toFloats(), 1e-5f);
        }
      }
    }
  }

  @Test
  void memoryOfAnInputThatAnOutputOverlapsInPartIsReadBeforeItIsWritten() {
    MemorySegment memory = MemorySegment.ofArray(new float[2 * STATE]);
    Tensor state = part(memory, 0);
    Tensor next = part(memory, 3);
    Tensor x = Tensor.of(steps[0], 1, IN);
    Binding binding = session.bind(Map.of("x", x, "state", state), Map.of("next", next));
    session.run(binding);
    assertArrayEquals(expected()[0], next.toFloats(), 1e-5f);
  }

  private static Tensor part(MemorySegment memory, int first) {
    return Tensor.wrap(
        DataType.F32,
        Shape.of(1, STATE),
        memory.asSlice((long) first * Float.BYTES, (long) STATE * Float.BYTES));
  }

  @Test
  void outputsThatOverlapAreRefused() {
    MemorySegment memory = MemorySegment.ofArray(new float[3 * STATE]);
    Map<String, Tensor> inputs = Map.of("x", zeros(IN), "state", zeros(STATE));
    session.bind(inputs, Map.of("y", part(memory, 0), "next", part(memory, STATE)));
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                session.bind(
                    inputs, Map.of("y", part(memory, 0), "next", part(memory, STATE - 1))));
    assertTrue(refused.getMessage().contains("\"y\" and \"next\""), refused.getMessage());
  }

  @Test
  void aRunThatIsRefusedLeavesTheStateAsItWas() {
    Tensor x = Tensor.of(new float[] {1, Float.NaN, 2, 3}, 1, IN);
    Tensor state = zeros(STATE);
    state.setFloat(2, 0.5f);
    Binding binding;
    x.setFloat(1, 0);
    binding = session.bind(Map.of("x", x, "state", state), Map.of("next", state));
    x.setFloat(1, Float.NaN);
    assertThrows(IllegalArgumentException.class, () -> session.run(binding));
    float[] before = new float[STATE];
    before[2] = 0.5f;
    assertArrayEquals(before, state.toFloats());
  }
}
