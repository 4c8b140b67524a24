package io.octet.internal.pass;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.ShapeInference;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Op;
import io.octet.graph.op.Quantization;
import io.octet.graph.op.Unary;
import io.octet.graph.op.ValueInfo;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class CurveSearchTest {
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Tensor> constants = new LinkedHashMap<>();
  private final List<String> outputs = new ArrayList<>(List.of("y"));

  private CurveSearchTest node(String output, Op op, String... in) {
    nodes.add(new Node(output, op, List.of(in), output));
    return this;
  }

  private Graph graph() {
    Shape shape = Shape.of(2, 3, 4, 5);
    List<ValueInfo> in =
        List.of(
            new ValueInfo("x", DataType.F32, shape),
            new ValueInfo("z", DataType.F32, Shape.of(2, 3, 1, 1)));
    List<ValueInfo> out =
        outputs.stream().map(o -> new ValueInfo(o, DataType.F32, Shape.of())).toList();
    return new Graph("net", in, out, constants, nodes);
  }

  private List<String> found() {
    Graph graph = graph();
    return CurveSearch.of(graph, ShapeInference.infer(graph), n -> true).stream()
        .map(c -> c.input() + ": " + String.join(" ", c.nodes().stream().map(Node::name).toList()))
        .toList();
  }

  @Test
  void aValueTimesItsOwnGateIsOneInEitherOrder() {
    node("s", new Unary.Sigmoid(), "x").node("y", new Binary.Mul(), "s", "x");
    assertEquals(List.of("x: s y"), found());
    Tensor at = Tensor.of(new float[] {-1, 0, 2}, 3);
    double[] expected = {-1 / (1 + Math.E), 0, 2 / (1 + Math.exp(-2))};
    Graph graph = graph();
    Curve curve = CurveSearch.of(graph, ShapeInference.infer(graph), n -> true).getFirst();
    float[] made = curve.of(graph, at).toFloats();
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], made[i], 1e-6);
    }
  }

  @Test
  void numbersOfAnyRankBelongToItAndVectorsDoNot() {
    constants.put("three", Tensor.of(new float[] {3}, 1, 1, 1, 1));
    constants.put("five", Tensor.of(new float[] {1, 2, 3, 4, 5}, 5));
    constants.put("wide", Tensor.of(new float[] {1}, 1, 1, 1, 1, 1));
    node("a", new Binary.Add(), "x", "three")
        .node("b", new Unary.Clip(0, 6), "a")
        .node("c", new Binary.Mul(), "b", "five")
        .node("d", new Unary.Tanh(), "c")
        .node("y", new Binary.Mul(), "d", "wide");
    assertEquals(List.of("x: a b", "c: d"), found());
  }

  @Test
  void whatSomebodyElseReadsEndsIt() {
    node("t", new Unary.Tanh(), "x")
        .node("s", new Unary.Sigmoid(), "t")
        .node("m", new Binary.Mul(), "t", "s")
        .node("y", new Binary.Add(), "m", "z")
        .node("w", new Binary.Mul(), "s", "z");
    outputs.add("w");
    assertEquals(List.of("x: t", "t: s"), found());
    outputs.remove("w");
    nodes.removeLast();
    assertEquals(List.of("x: t s m"), found());
  }

  @Test
  void aGateOfAnotherShapeIsAnotherValue() {
    node("s", new Unary.Sigmoid(), "z").node("y", new Binary.Mul(), "x", "s");
    assertEquals(List.of("z: s"), found());
  }

  @Test
  void roundingInBetweenBelongsToIt() {
    constants.put("scale", Tensor.scalar(1 / 128f));
    constants.put("zero", Tensor.of(DataType.U8, new byte[] {0}));
    node("s", new Unary.Sigmoid(), "x")
        .node("q", new Quantization.QuantizeLinear(1, DataType.U8), "s", "scale", "zero")
        .node("d", new Quantization.DequantizeLinear(1), "q", "scale", "zero")
        .node("y", new Binary.Mul(), "x", "d");
    assertEquals(List.of("x: s q d y"), found());
    Graph graph = graph();
    Curve curve = CurveSearch.of(graph, ShapeInference.infer(graph), n -> true).getFirst();
    Tensor at = Tensor.of(new float[] {3}, 1);
    assertArrayEquals(new float[] {3 * 122 / 128f}, curve.of(graph, at).toFloats());
    assertEquals(List.of("s", "y"), curve.functions().stream().map(Node::name).toList());
  }

  @Test
  void aDequantizeLinearAtTheEndBelongsToItsReaders() {
    constants.put("scale", Tensor.scalar(1 / 128f));
    constants.put("zero", Tensor.of(DataType.U8, new byte[] {0}));
    node("s", new Unary.Sigmoid(), "x")
        .node("q", new Quantization.QuantizeLinear(1, DataType.U8), "s", "scale", "zero")
        .node("d", new Quantization.DequantizeLinear(1), "q", "scale", "zero")
        .node("y", new Binary.Mul(), "z", "d");
    assertEquals(List.of("x: s q"), found());
  }
}
