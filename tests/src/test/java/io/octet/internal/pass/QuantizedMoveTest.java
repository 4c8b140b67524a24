package io.octet.internal.pass;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.ShapeInference;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Op;
import io.octet.graph.op.Quantization.DequantizeLinear;
import io.octet.graph.op.Reduction;
import io.octet.graph.op.Selection;
import io.octet.graph.op.ValueInfo;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.Literally;
import io.octet.testkit.Seeds;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A DequantizeLinear of constants and a node that moves what it makes become one DequantizeLinear
/// of other integers, which makes the same floats.
final class QuantizedMoveTest {
  /// @param axis of the scales, or negative for one scale
  private static Graph graph(Shape shape, int axis, Op op, Tensor... more) {
    int channels = axis < 0 ? 1 : (int) shape.size(axis);
    byte[] q = new byte[(int) shape.elements()];
    float[] scales = new float[channels];
    byte[] zeros = new byte[channels];
    for (int i = 0; i < q.length; i++) {
      q[i] = (byte) (7 * i);
    }
    for (int i = 0; i < channels; i++) {
      scales[i] = 0.5f + i;
      zeros[i] = (byte) i;
    }
    long[] vector = axis < 0 ? new long[0] : new long[] {channels};
    Map<String, Tensor> constants = new LinkedHashMap<>();
    constants.put("q", Tensor.of(DataType.S8, q, shape.sizes()));
    constants.put("scale", Tensor.of(scales, vector));
    constants.put("zero", Tensor.of(DataType.S8, zeros, vector));
    List<String> inputs = new java.util.ArrayList<>(List.of("x"));
    for (Tensor constant : more) {
      inputs.add("c" + inputs.size());
      constants.put(inputs.getLast(), constant);
    }
    List<Node> nodes =
        List.of(
            new Node(
                "dequantize",
                new DequantizeLinear(Math.max(0, axis)),
                List.of("q", "scale", "zero"),
                "x"),
            new Node("move", op, inputs, "y"));
    ValueInfo y = new ValueInfo("y", DataType.F32, Shape.of());
    Graph open = new Graph("net", List.of(), List.of(y), constants, nodes);
    return open.withOutputs(List.of(ShapeInference.infer(open).get("y")));
  }

  private static Tensor list(long... values) {
    return Tensor.of(values, values.length);
  }

  private static float[] floats(Graph graph) {
    return Literally.run(graph, Map.of()).get("y").toFloats();
  }

  /// The only node that is left.
  private static DequantizeLinear moved(Graph graph) {
    Graph done = MoveDequantize.rewrite(graph, new GrowthBudget(graph));
    assertEquals(1, done.nodes().size(), () -> done.nodes().toString());
    assertEquals(graph.outputs(), List.of(ShapeInference.infer(done).get("y")));
    assertArrayEquals(floats(graph), floats(done));
    return (DequantizeLinear) done.nodes().getFirst().op();
  }

  private static void staysAsItIs(Graph graph) {
    assertSame(graph, MoveDequantize.rewrite(graph, new GrowthBudget(graph)));
  }

  @Test
  void scalesFollowTheirAxis() {
    Shape shape = Shape.of(2, 3, 4);
    assertEquals(0, moved(graph(shape, 1, new Movement.Transpose(List.of(1, 2, 0)))).axis());
    assertEquals(1, moved(graph(shape, 1, new Movement.Transpose(List.of()))).axis());
    assertEquals(2, moved(graph(shape, 1, new Movement.Unsqueeze(), list(0))).axis());
    assertEquals(1, moved(graph(shape, 2, new Movement.Flatten(2))).axis());
    assertEquals(2, moved(graph(shape, 1, new Movement.Expand(), list(2, 2, 3, 4))).axis());
  }

  @Test
  void scalesArePickedWithTheirChannels() {
    Shape shape = Shape.of(2, 5);
    moved(graph(shape, 1, new Selection.Gather(1), list(4, 0, -2)));
    moved(graph(shape, 1, new Selection.Slice(), list(4), list(-9), list(1), list(-2)));
    moved(graph(shape, 1, new Selection.Gather(0), list(1)));
    moved(graph(shape, -1, new Selection.Slice(), list(1), list(2)));
  }

  @Test
  void channelsThatAreMergedStayFloats() {
    staysAsItIs(graph(Shape.of(2, 3), 1, new Movement.Flatten(0)));
    staysAsItIs(graph(Shape.of(6), 0, new Movement.Reshape(false), list(2, 3)));
    moved(graph(Shape.of(6), -1, new Movement.Reshape(false), list(2, 3)));
  }

  /// The largest of integers of several scales is not the largest float.
  @Test
  void whatComparesElementsMovesNothing() {
    staysAsItIs(graph(Shape.of(2, 3), 1, new Reduction.ReduceMax(true, false), list(1)));
    staysAsItIs(graph(Shape.of(2, 3), -1, new Reduction.ReduceMax(true, false), list(1)));
  }

  static LongStream seeds() {
    return Seeds.cases(200);
  }

  @ParameterizedTest(name = "-Dtest.seed={0}")
  @MethodSource("seeds")
  void whateverMovesTheFloatsAreTheSame(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Shape shape = Shape.of(random.nextInt(1, 4), random.nextInt(1, 4), random.nextInt(1, 4));
    int axis = random.nextInt(-1, 3);
    int at = random.nextInt(3);
    long size = shape.size(at);
    Graph graph =
        switch (random.nextInt(6)) {
          case 0 -> graph(shape, axis, new Movement.Transpose(List.of(2, 0, 1)));
          case 1 -> graph(shape, axis, new Movement.Flatten(at));
          case 2 -> graph(shape, axis, new Movement.Squeeze());
          case 3 -> graph(shape, axis, new Movement.Reshape(false), list(-1, size));
          case 4 ->
              graph(
                  shape,
                  axis,
                  new Selection.Gather(at),
                  Tensor.of(
                      LongStream.range(0, 4).map(_ -> random.nextLong(-size, size)).toArray(),
                      2,
                      2));
          default ->
              graph(
                  shape,
                  axis,
                  new Selection.Slice(),
                  list(random.nextInt(-3, 4)),
                  list(random.nextInt(-3, 4)),
                  list(at),
                  list(random.nextBoolean() ? 1 : -1));
        };
    Graph done = MoveDequantize.rewrite(graph, new GrowthBudget(graph));
    assertArrayEquals(floats(graph), floats(done));
    assertTrue(axis >= 0 || done.nodes().size() == 1, () -> done.nodes().toString());
  }
}
