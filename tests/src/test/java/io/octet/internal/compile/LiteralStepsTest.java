package io.octet.internal.compile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.octet.OctetException.Unsupported;
import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Generation;
import io.octet.graph.op.Normalization;
import io.octet.graph.op.Product;
import io.octet.graph.op.Selection;
import io.octet.graph.op.Unary;
import io.octet.graph.op.ValueInfo;
import io.octet.internal.lower.CompileOptions;
import io.octet.internal.plan.NodePlan;
import io.octet.runtime.Session;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Nodes that have no kernel of their own run as they are defined, and say so.
class LiteralStepsTest {
  private final QdqNet net = new QdqNet();

  @Test
  void aBatchNormWhoseParametersArriveAtRunTimeRuns() {
    String x = net.input("x", 1, 3, 2, 2);
    String y =
        net.node(
            "it",
            new Normalization.BatchNormalization(1e-5f),
            x,
            net.input("scale", 3),
            net.constant("shift", Tensor.of(new float[] {1, 2, 3}, 3)),
            net.constant("mean", Tensor.of(new float[] {0, 0, 1}, 3)),
            net.constant("variance", Tensor.of(new float[] {1 - 1e-5f, 1 - 1e-5f, 4}, 3)));
    Graph graph = net.graph(y);
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    inputs.put("x", QdqNet.image(1, 1, 3, 2, 2));
    inputs.put("scale", Tensor.of(new float[] {1, 2, 4}, 3));
    float[] expected = inputs.get("x").toFloats();
    for (int i = 0; i < expected.length; i++) {
      expected[i] =
          i < 4 ? expected[i] + 1 : i < 8 ? 2 * expected[i] + 2 : 2 * (expected[i] - 1) + 3;
    }
    try (Compiled compiled = new Compiled(graph, "jvm", CompileOptions.DEFAULT, inputs)) {
      assertArrayEquals(expected, compiled.run(inputs).get(y).toFloats(), 1e-4f);
      NodePlan row = compiled.row("it");
      assertEquals("literal", row.kernel());
      assertEquals("not_quantized", row.code().code());
    }
  }

  @Test
  void aShapeThatOnlyARunKnowsIsRefusedByName() {
    ValueInfo x = new ValueInfo("x", DataType.F32, Shape.of(2, 6));
    ValueInfo to = new ValueInfo("to", DataType.S64, Shape.of(1));
    Node slice = new Node("it", new Selection.Slice(), List.of("x", "from", "to"), "y");
    Node relu = new Node("relu", new Unary.Relu(), List.of("y"), "z");
    Graph graph =
        new Graph(
            "net",
            List.of(x, to),
            List.of(new ValueInfo("z", DataType.F32, Shape.of(2, 6))),
            Map.of("from", Tensor.of(new long[] {1}, 1)),
            List.of(slice, relu));
    Map<String, Tensor> inputs =
        Map.of("x", QdqNet.image(1, 2, 6), "to", Tensor.of(new long[] {2}, 1));
    Unsupported e =
        assertThrows(
            Unsupported.class,
            () -> new Compiled(graph, "jvm", CompileOptions.DEFAULT, inputs).close());
    assertEquals(
        "Slice \"it\": the shape [?,6] of \"y\" hangs on values that are computed in a run (a slice"
            + " whose borders are not known); it must be known before",
        e.getMessage());
  }

  /// Weights and a bias that follow from the batch are no layer's: a plan has its own.
  @Test
  void aProductWithWhatFollowsFromAShapeRuns() {
    String x = net.input("x", 3, 2);
    String rows = net.node("rows", new Generation.Shape(0, Integer.MAX_VALUE), x);
    net.constant("swap", Tensor.of(new long[] {1, 0}, 2));
    String swapped = net.node("swapped", new Selection.Gather(0), rows, "swap");
    String ones = net.node("ones", new Generation.ConstantOfShape(DataType.F32, 2), swapped);
    String w = net.constant("w", Tensor.of(new float[] {1, 0, 0, 1}, 2, 2));
    String same = net.node("same", new Product.MatMul(), x, w);
    String n = net.node("n", new Unary.Cast(DataType.F32), rows);
    String y =
        net.node("y", new Product.MatMul(), net.node("sum", new Binary.Add(), same, n), ones);
    Graph graph = net.graph(y);
    Map<String, Tensor> inputs = Map.of("x", Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 3, 2));
    float[] expected = {16, 16, 16, 24, 24, 24, 32, 32, 32};
    Map<String, Tensor> actual = Compiled.run(graph, "onednn", CompileOptions.DEFAULT, inputs);
    assertArrayEquals(expected, actual.get(y).toFloats());
  }

  /// Only a run knows such values; the next one is served as if nothing had been.
  @Test
  void aValueThatANodeCannotTakeIsRefusedByItsName() {
    ValueInfo x = new ValueInfo("x", DataType.F32, Shape.of(4));
    ValueInfo at = new ValueInfo("at", DataType.S64, Shape.of(1));
    ValueInfo y = new ValueInfo("y", DataType.F32, Shape.of(1));
    Node pick = new Node("pick", new Selection.Gather(0), List.of("x", "at"), "y");
    Graph graph = new Graph("net", List.of(x, at), List.of(y), Map.of(), List.of(pick));
    Tensor values = Tensor.of(new float[] {1, 2, 3, 4}, 4);
    try (Session session = Session.open(graph);
        Arena arena = Arena.ofConfined()) {
      Map<String, Tensor> wrong = Map.of("x", values, "at", Tensor.of(new long[] {-5}, 1));
      String message =
          assertThrows(IllegalArgumentException.class, () -> session.run(wrong, arena))
              .getMessage();
      assertEquals("node \"pick\": index -5 is not within axis 0 of [4]", message);
      Map<String, Tensor> right = Map.of("x", values, "at", Tensor.of(new long[] {-4}, 1));
      assertEquals(1, session.run(right, arena).get("y").getFloat(0));
    }
  }
}
