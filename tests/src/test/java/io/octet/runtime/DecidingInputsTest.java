package io.octet.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.OctetException.Unsupported;
import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Generation;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Unary;
import io.octet.graph.op.ValueInfo;
import io.octet.tensor.DataType;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Small inputs that hold shapes: there is a plan for each content.
class DecidingInputsTest {
  /// Relu, then a Reshape to what the caller says.
  private static Graph reshaped(DataType type, Shape target) {
    ValueInfo x = new ValueInfo("x", DataType.F32, new Shape(List.of(new Dim.Symbol("N"))));
    ValueInfo shape = new ValueInfo("shape", type, target);
    List<Dim> open = List.of(new Dim.Unknown("given"), new Dim.Unknown("given"));
    return new Graph(
        "reshaped",
        List.of(x, shape),
        List.of(new ValueInfo("y", DataType.F32, new Shape(open))),
        Map.of(),
        List.of(
            new Node("relu", new Unary.Relu(), List.of("x"), "r"),
            new Node("reshape", new Movement.Reshape(false), List.of("r", "shape"), "y")));
  }

  private static Map<String, Tensor> inputs(int elements, long... shape) {
    return Map.of("x", Tensor.of(new float[elements], elements), "shape", Tensor.of(shape, 2));
  }

  @Test
  void whatTheInputHoldsIsTheShape() {
    try (Session session = Session.open(reshaped(DataType.S64, Shape.of(2)))) {
      assertEquals("[?,?]", session.outputs().getFirst().shape().toString());
      for (long[] shape : List.of(new long[] {2, 3}, new long[] {3, 2}, new long[] {-1, 1})) {
        Tensor y = session.run(inputs(6, shape), Arena.ofAuto()).get("y");
        long first = shape[0] < 0 ? 6 : shape[0];
        assertEquals(Shape.of(first, shape[1]), y.shape());
      }
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class, () -> session.run(inputs(6, 4, 2), Arena.ofAuto()));
      assertTrue(e.getMessage().contains("cannot take shape [4, 2]"), e::getMessage);
      assertEquals(6, session.run(inputs(6, 6, 1), Arena.ofAuto()).get("y").elements());
    }
  }

  @Test
  void aBindingFollowsWhatItsInputsHold() {
    try (Session session = Session.open(reshaped(DataType.S64, Shape.of(2)))) {
      Tensor x = Tensor.of(new float[] {1, -2, 3, -4}, 4);
      Tensor shape = Tensor.of(new long[] {2, 2}, 2);
      Tensor y = Tensor.of(new float[4], 2, 2);
      Binding binding = session.bind(Map.of("x", x, "shape", shape), Map.of("y", y));
      session.run(binding);
      assertArrayEquals(new float[] {1, 0, 3, 0}, y.toFloats());
      shape.setInteger(0, -1); // another content, the same shape
      x.setFloat(0, 5);
      session.run(binding);
      assertArrayEquals(new float[] {5, 0, 3, 0}, y.toFloats());
      shape.setInteger(0, 4);
      shape.setInteger(1, 1);
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> session.run(binding));
      assertTrue(e.getMessage().contains("[4,1] for what the inputs hold now"), e::getMessage);
      shape.setInteger(0, 2);
      shape.setInteger(1, 2);
      session.run(binding);
      assertArrayEquals(new float[] {5, 0, 3, 0}, y.toFloats());
    }
  }

  @Test
  void onlyGivenValuesHaveAPlan() {
    try (Session session = Session.open(reshaped(DataType.S64, Shape.of(2)))) {
      String said = assertThrows(IllegalArgumentException.class, session::explain).getMessage();
      assertEquals(
          "what [shape s64[2]] hold decides shapes: there is a plan only for given values", said);
    }
  }

  /// A list of unknown length would decide how many axes there are.
  @Test
  void aListOfAnyLengthIsRefused() {
    Graph graph = reshaped(DataType.S64, new Shape(List.of(new Dim.Symbol("R"))));
    String said = assertThrows(Unsupported.class, () -> Session.open(graph)).getMessage();
    assertTrue(said.contains("\"shape\" is not a constant, and of no known length"), said);
  }

  /// Ids of words are data, however few they are: what decides shapes is computed from their shape.
  @Test
  void whatIsReadForItsShapeDecidesNothing() {
    ValueInfo ids = new ValueInfo("ids", DataType.S64, Shape.of(1, 4));
    Graph graph =
        new Graph(
            "",
            List.of(ids),
            List.of(new ValueInfo("y", DataType.F32, Shape.of(1, 4))),
            Map.of(),
            List.of(
                new Node("shape", new Generation.Shape(), List.of("ids"), "s"),
                new Node(
                    "zeros", new Generation.ConstantOfShape(DataType.F32, 1), List.of("s"), "y")));
    try (Session session = Session.open(graph)) {
      session.explain(); // refused where an input decides
      Tensor y = session.run(Map.of("ids", Tensor.of(new long[4], 1, 4)), Arena.ofAuto()).get("y");
      assertArrayEquals(new float[] {1, 1, 1, 1}, y.toFloats());
    }
  }
}
