package io.octet.internal.lower;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.ShapeInference;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Generation;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Unary;
import io.octet.graph.op.ValueInfo;
import io.octet.tensor.DataType;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What of a graph a run must compute.
class NeededTest {
  private static final ValueInfo X = new ValueInfo("x", DataType.F32, Shape.of(2, 6));
  private static final Node RELU = new Node("relu", new Unary.Relu(), List.of("x"), "r");

  private static Graph graph(Map<String, Tensor> constants, String output, Node... nodes) {
    ValueInfo y = new ValueInfo(output, DataType.F32, Shape.of(2, 6));
    return new Graph("net", List.of(X), List.of(y), constants, List.of(nodes));
  }

  private static List<String> names(Graph graph) {
    return graph.nodes().stream().map(Node::name).toList();
  }

  @Test
  void whereAllIsNeededTheGraphIsTheSame() {
    Graph graph = graph(Map.of(), "r", RELU);
    assertSame(graph, Needed.of(graph, ShapeInference.infer(graph)));
  }

  @Test
  void whatNobodyReadsIsLeftOut() {
    Node dead = new Node("dead", new Unary.Tanh(), List.of("r"), "d");
    Node deader = new Node("deader", new Unary.Tanh(), List.of("d"), "e");
    Graph graph = graph(Map.of(), "r", RELU, dead, deader);
    assertEquals(List.of("relu"), names(Needed.of(graph, ShapeInference.infer(graph))));
  }

  /// The sizes of x, joined, are known before the run.
  @Test
  void aShapeThatInferenceKnowsIsAConstantOfThePlan() {
    Node shape = new Node("shape", new Movement.Concat(0), List.of("a", "b"), "s");
    Node reshape = new Node("reshape", new Movement.Reshape(false), List.of("r", "s"), "y");
    Map<String, Tensor> sizes =
        Map.of("a", Tensor.of(new long[] {3}, 1), "b", Tensor.of(new long[] {-1}, 1));
    Graph graph = graph(sizes, "y", RELU, shape, reshape);
    Map<String, ValueInfo> infos = new HashMap<>(Map.of("x", X));
    List<Dim> known = List.of(new Dim.Fixed(3), Dim.of(-1));
    infos.put("s", new ValueInfo("s", DataType.S64, Shape.of(2), Optional.of(known)));
    Graph needed = Needed.of(graph, infos);
    assertEquals(List.of("relu", "reshape"), names(needed));
    long[] constant = {needed.constant("s").getInteger(0), needed.constant("s").getInteger(1)};
    assertEquals("[3, -1]", Arrays.toString(constant));
  }

  @Test
  void anAxisThatIsFreeYetIsNoConstant() {
    Node shape = new Node("shape", new Movement.Concat(0), List.of("a", "a"), "s");
    Graph graph = graph(Map.of("a", Tensor.of(new long[] {3}, 1)), "s", shape);
    List<Dim> free = List.of(new Dim.Symbol("N"), new Dim.Fixed(3));
    ValueInfo s = new ValueInfo("s", DataType.S64, Shape.of(2), Optional.of(free));
    assertSame(graph, Needed.of(graph, Map.of("x", X, "s", s)));
  }

  /// Position i of as many as x has rows: a mask hangs on nothing else.
  @Test
  void whatFollowsFromAShapeIsAConstantOfThePlan() {
    Node rows = new Node("rows", new Generation.Shape(0, 1), List.of("x"), "n");
    Node count = new Node("count", new Movement.Squeeze(), List.of("n"), "c");
    Node places = new Node("places", new Generation.Range(), List.of("zero", "c", "one"), "p");
    Node mask = new Node("mask", new Unary.Cast(DataType.F32), List.of("p"), "m");
    Node tall = new Node("tall", new Movement.Unsqueeze(), List.of("m", "one1"), "t");
    Node sum = new Node("sum", new Binary.Add(), List.of("x", "t"), "y");
    Map<String, Tensor> constants =
        Map.of(
            "zero", Tensor.of(new long[] {0}),
            "one", Tensor.of(new long[] {1}),
            "one1", Tensor.of(new long[] {1}, 1));
    Graph graph = graph(constants, "y", rows, count, places, mask, tall, sum);
    Graph needed = Needed.of(graph, ShapeInference.infer(graph));
    assertEquals(List.of("sum"), names(needed));
    assertEquals("[0.0, 1.0]", Arrays.toString(needed.constant("t").toFloats()));
  }
}
