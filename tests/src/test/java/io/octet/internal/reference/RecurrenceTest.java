package io.octet.internal.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.OctetException;
import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.ShapeInference;
import io.octet.graph.op.Recurrence;
import io.octet.graph.op.Recurrence.Activation;
import io.octet.graph.op.Recurrence.Activation.Curve;
import io.octet.graph.op.Recurrence.Direction;
import io.octet.graph.op.Recurrence.Form;
import io.octet.graph.op.ValueInfo;
import io.octet.onnx.Onnx;
import io.octet.runtime.Binding;
import io.octet.runtime.Session;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.Literally;
import io.octet.testkit.OrtRunner;
import io.octet.testkit.Seeds;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Random LSTM, GRU and RNN: the definition, ONNX Runtime and a session agree. ONNX Runtime takes
/// no batch in front; there the definition stands alone beside ONNX's own cases.
final class RecurrenceTest {
  private static final int CASES = 300;

  /// What ONNX Runtime computes as the specification says.
  private static final List<Curve> CURVES =
      List.of(
          Curve.RELU,
          Curve.TANH,
          Curve.SIGMOID,
          Curve.AFFINE,
          Curve.LEAKY_RELU,
          Curve.THRESHOLDED_RELU,
          Curve.SCALED_TANH,
          Curve.HARD_SIGMOID,
          Curve.ELU,
          Curve.SOFTSIGN,
          Curve.SOFTPLUS);

  private static final class Case {
    final RandomGenerator random;
    final List<ValueInfo> inputs = new ArrayList<>();
    final Map<String, Tensor> given = new LinkedHashMap<>();
    final Map<String, Tensor> constants = new LinkedHashMap<>();
    final List<String> names = new ArrayList<>();
    final Recurrence op;
    final Graph graph;
    final long steps;

    Case(long seed) {
      random = new SplittableRandom(seed);
      int kind = random.nextInt(3);
      int functions = 3 - kind;
      Direction direction = Direction.values()[random.nextInt(3)];
      int d = direction == Direction.BIDIRECTIONAL ? 2 : 1;
      List<Activation> activations = new ArrayList<>();
      boolean usual = random.nextBoolean();
      for (int i = 0; i < d * functions; i++) {
        activations.add(activation(usual, functions > 1 && i % functions == 0));
      }
      int hidden = random.nextInt(1, 20);
      boolean batchFirst = random.nextInt(4) == 0;
      float clip = random.nextInt(3) == 0 ? 0.5f : Float.POSITIVE_INFINITY;
      Form form = new Form(direction, hidden, activations, clip, batchFirst);
      op =
          switch (kind) {
            case 0 -> new Recurrence.LSTM(form, random.nextInt(4) == 0);
            case 1 -> new Recurrence.GRU(form, random.nextBoolean());
            default -> new Recurrence.RNN(form);
          };
      steps = random.nextInt(1, 7);
      long b = random.nextInt(1, 4);
      long in = random.nextInt(1, 12);
      long rows = (long) op.gates() * hidden;
      long[] state = batchFirst ? new long[] {b, d, hidden} : new long[] {d, b, hidden};
      input(true, batchFirst ? new long[] {b, steps, in} : new long[] {steps, b, in});
      boolean computed = random.nextInt(6) == 0; // weights that a run is given
      value(computed, d, rows, in);
      value(computed, d, rows, hidden);
      optional(false, d, 2 * rows);
      lengths(b);
      optional(true, state);
      if (kind == 0) {
        optional(true, state);
        optional(false, d, 3L * hidden);
      }
      List<String> outputs =
          List.of("y", "h", "c").subList(0, random.nextInt(1, kind == 0 ? 4 : 3));
      List<ValueInfo> untyped =
          outputs.stream().map(o -> new ValueInfo(o, DataType.F32, Shape.of())).toList();
      Graph open =
          new Graph(
              "case", inputs, untyped, constants, List.of(new Node("node", op, names, outputs)));
      Map<String, ValueInfo> infos = ShapeInference.infer(open);
      graph = open.withOutputs(outputs.stream().map(infos::get).toList());
    }

    private Activation activation(boolean usual, boolean gate) {
      if (usual) {
        return new Activation(gate ? Curve.SIGMOID : Curve.TANH, 0, 0);
      }
      Curve curve = CURVES.get(random.nextInt(CURVES.size()));
      return switch (curve) {
        case RELU, TANH, SIGMOID, SOFTSIGN, SOFTPLUS -> new Activation(curve, 0, 0);
        case LEAKY_RELU, THRESHOLDED_RELU, ELU -> new Activation(curve, 0.25f, 0);
        case AFFINE, SCALED_TANH, HARD_SIGMOID -> new Activation(curve, 0.5f, 0.25f);
      };
    }

    private void optional(boolean input, long... sizes) {
      if (random.nextBoolean()) {
        value(input, sizes);
      } else {
        names.add("");
      }
    }

    private void value(boolean input, long... sizes) {
      input(input, sizes);
    }

    private void input(boolean input, long... sizes) {
      float[] values = new float[(int) Shape.of(sizes).elements()];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextDouble(-0.5, 0.5);
      }
      add(input, Tensor.of(values, sizes));
    }

    private void lengths(long batch) {
      if (random.nextBoolean()) {
        names.add("");
        return;
      }
      int[] lengths = new int[(int) batch];
      for (int i = 0; i < lengths.length; i++) {
        lengths[i] = random.nextInt(1, (int) steps + 1);
      }
      add(true, Tensor.of(lengths, batch));
    }

    private void add(boolean input, Tensor tensor) {
      String name = "v" + names.size();
      names.add(name);
      if (input) {
        inputs.add(new ValueInfo(name, tensor.type(), tensor.shape()));
        given.put(name, tensor);
      } else {
        constants.put(name, tensor);
      }
    }
  }

  @Test
  void definitionSessionAndOnnxRuntimeAgree() throws Exception {
    for (long seed : Seeds.cases(CASES).toArray()) {
      Case c = new Case(seed);
      Map<String, Tensor> expected = Literally.run(c.graph, c.given);
      if (!c.op.form().batchFirst()) {
        try (OrtRunner ort = new OrtRunner(Onnx.toBytes(c.graph))) {
          assertSame(ort.run(c.given), expected, c, seed);
        }
      }
      try (Session session = Session.open(Onnx.read(Onnx.toBytes(c.graph)));
          Arena arena = Arena.ofConfined()) {
        assertSame(expected, session.run(c.given, arena), c, seed);
      }
    }
  }

  private static void assertSame(
      Map<String, Tensor> expected, Map<String, Tensor> actual, Case c, long seed) {
    String what = c.op + " " + c.names + " " + c.inputs + ", " + Seeds.replay(seed);
    assertEquals(expected.keySet(), actual.keySet(), what);
    expected.forEach(
        (name, e) -> {
          Tensor a = actual.get(name);
          assertEquals(e.shape(), a.shape(), what);
          for (long i = 0; i < e.elements(); i++) {
            double x = e.getReal(i);
            double y = a.getReal(i);
            long at = i;
            assertTrue(
                Math.abs(x - y) <= 4e-6 * Math.max(1, Math.abs(x)),
                () -> what + " " + name + " at " + at + ": " + x + ", but " + y);
          }
        });
  }

  /// No step, no sequence, or steps of no value: states come out as they came in, or gates are what
  /// the biases make.
  @ParameterizedTest(name = "{0} steps of {1} sequences of {2} values")
  @CsvSource({"0, 2, 3", "2, 0, 3", "2, 1, 0"})
  void sequencesOfNothing(long steps, long batch, long values) {
    int hidden = 3;
    SplittableRandom random = new SplittableRandom(5);
    Activation sigmoid = new Activation(Curve.SIGMOID, 0, 0);
    Activation tanh = new Activation(Curve.TANH, 0, 0);
    Form form =
        new Form(Direction.FORWARD, hidden, List.of(sigmoid, tanh), Float.POSITIVE_INFINITY, false);
    Map<String, Tensor> weights =
        Map.of(
            "w", Tensor.of(floats(random, (int) (9 * values)), 1, 9, values),
            "r", Tensor.of(floats(random, 9 * hidden), 1, 9, hidden),
            "b", Tensor.of(floats(random, 18), 1, 18));
    Tensor x = Tensor.of(floats(random, (int) (steps * batch * values)), steps, batch, values);
    Tensor h = Tensor.of(floats(random, (int) batch * hidden), 1, batch, hidden);
    Graph open =
        new Graph(
            "nothing",
            List.of(
                new ValueInfo("x", x.type(), x.shape()), new ValueInfo("h", h.type(), h.shape())),
            List.of(
                new ValueInfo("y", DataType.F32, Shape.of(steps, 1, batch, hidden)),
                new ValueInfo("last", DataType.F32, h.shape())),
            weights,
            List.of(
                new Node(
                    "gru",
                    new Recurrence.GRU(form, false),
                    List.of("x", "w", "r", "b", "", "h"),
                    List.of("y", "last"))));
    Map<String, Tensor> given = Map.of("x", x, "h", h);
    Map<String, Tensor> expected = Literally.run(open, given);
    try (Session session = Session.open(open);
        Arena arena = Arena.ofConfined()) {
      Map<String, Tensor> actual = session.run(given, arena);
      expected.forEach(
          (name, e) -> assertArrayEquals(e.toFloats(), actual.get(name).toFloats(), 1e-6f, name));
    }
  }

  /// A state that goes out comes in again: step by step is the same as all steps at once.
  @Test
  void aNetworkWithAStateIsRunStepByStep() {
    int steps = 7;
    int hidden = 5;
    SplittableRandom random = new SplittableRandom(3);
    float[] x = floats(random, steps * 4);
    Map<String, Tensor> weights = new LinkedHashMap<>();
    weights.put("w", Tensor.of(floats(random, 4 * hidden * 4), 1, 4 * hidden, 4));
    weights.put("r", Tensor.of(floats(random, 4 * hidden * hidden), 1, 4 * hidden, hidden));
    float[] whole = new float[steps * hidden];
    Tensor[] state = {Tensor.of(new float[hidden], 1, 1, hidden), blank(hidden), blank(hidden)};
    try (Session session = Session.open(lstm(steps, hidden, weights))) {
      Map<String, Tensor> given =
          Map.of("x", Tensor.of(x, steps, 1, 4), "h", state[0], "c", state[0]);
      session.run(
          session.bind(
              given,
              Map.of("y", Tensor.of(whole, steps, 1, 1, hidden), "h1", state[1], "c1", state[2])));
    }
    float[] step = new float[4];
    float[] made = new float[hidden];
    Tensor h = blank(hidden);
    Tensor c = blank(hidden);
    try (Session session = Session.open(lstm(1, hidden, weights))) {
      Map<String, Tensor> given = Map.of("x", Tensor.of(step, 1, 1, 4), "h", h, "c", c);
      Map<String, Tensor> into =
          Map.of("y", Tensor.of(made, 1, 1, 1, hidden), "h1", h, "c1", c); // in the same memory
      Binding binding = session.bind(given, into);
      for (int t = 0; t < steps; t++) {
        System.arraycopy(x, t * 4, step, 0, 4);
        session.run(binding);
        for (int j = 0; j < hidden; j++) {
          assertEquals(whole[t * hidden + j], made[j], 1e-6f, "step " + t);
        }
      }
    }
    assertEquals(state[2].getFloat(0), c.getFloat(0), 1e-6f);
  }

  private static Tensor blank(int hidden) {
    return Tensor.of(new float[hidden], 1, 1, hidden);
  }

  private static float[] floats(RandomGenerator random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return values;
  }

  private static Graph lstm(int steps, int hidden, Map<String, Tensor> weights) {
    List<Activation> usual =
        List.of(
            new Activation(Curve.SIGMOID, 0, 0),
            new Activation(Curve.TANH, 0, 0),
            new Activation(Curve.TANH, 0, 0));
    Form form = new Form(Direction.FORWARD, hidden, usual, Float.POSITIVE_INFINITY, false);
    Shape state = Shape.of(1, 1, hidden);
    List<String> inputs = List.of("x", "w", "r", "", "", "h", "c");
    return new Graph(
        "steps",
        List.of(
            new ValueInfo("x", DataType.F32, Shape.of(steps, 1, 4)),
            new ValueInfo("h", DataType.F32, state),
            new ValueInfo("c", DataType.F32, state)),
        List.of(
            new ValueInfo("y", DataType.F32, Shape.of(steps, 1, 1, hidden)),
            new ValueInfo("h1", DataType.F32, state),
            new ValueInfo("c1", DataType.F32, state)),
        weights,
        List.of(
            new Node("lstm", new Recurrence.LSTM(form, false), inputs, List.of("y", "h1", "c1"))));
  }

  @Test
  void aLengthBeyondTheStepsIsRefused() {
    Form form =
        new Form(
            Direction.FORWARD,
            1,
            List.of(new Activation(Curve.TANH, 0, 0)),
            Float.POSITIVE_INFINITY,
            false);
    Tensor one = Tensor.of(new float[1], 1, 1, 1);
    List<Tensor> in = List.of(one, one, one, Tensor.of(new float[2], 1, 2));
    List<Tensor> with = new ArrayList<>(in);
    with.add(Tensor.of(new int[] {2}, 1));
    Recurrence op = new Recurrence.RNN(form);
    List<Tensor> out = List.of(Tensor.of(new float[1], 1, 1, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> Reference.evaluate(op, with, out));
  }

  @Test
  void shapesThatContradictAreNamed() {
    Form form =
        new Form(
            Direction.FORWARD,
            2,
            List.of(new Activation(Curve.TANH, 0, 0)),
            Float.POSITIVE_INFINITY,
            false);
    Map<String, Tensor> constants = new HashMap<>();
    constants.put("w", Tensor.of(new float[6], 1, 2, 3));
    constants.put("r", Tensor.of(new float[2], 1, 1, 2));
    Graph graph =
        new Graph(
            "wrong",
            List.of(new ValueInfo("x", DataType.F32, Shape.of(4, 1, 3))),
            List.of(new ValueInfo("y", DataType.F32, Shape.of())),
            constants,
            List.of(new Node("n", new Recurrence.RNN(form), List.of("x", "w", "r"), "y")));
    OctetException.InvalidModel wrong =
        assertThrows(OctetException.InvalidModel.class, () -> ShapeInference.infer(graph));
    assertEquals("RNN \"n\": R must be [1,2,2], but is [1,1,2]", wrong.getMessage());
  }
}
