package io.octet.internal.compile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Convolution;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Quantization;
import io.octet.graph.op.Unary;
import io.octet.graph.op.ValueInfo;
import io.octet.graph.op.Window;
import io.octet.internal.lower.CompileOptions;
import io.octet.internal.pass.Prepare;
import io.octet.internal.plan.NodePlan;
import io.octet.onnx.Onnx;
import io.octet.quant.CalibrationTable;
import io.octet.quant.QConfig;
import io.octet.quant.Quantizer;
import io.octet.runtime.Calibrator;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.Literally;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// A node with several results: each floor knows all of them.
class SplitTest {
  private static final Tensor X = QdqNet.image(3, 1, 4, 6, 6);

  private final QdqNet net = new QdqNet();

  /// `graph` with a Split of `value` into "a" and "b" along the channels, which "a" or both leave.
  private static Graph split(Graph graph, String value, Movement.Split op, String... inputs) {
    List<Node> nodes = new ArrayList<>(graph.nodes());
    List<String> from = new ArrayList<>(List.of(value));
    from.addAll(List.of(inputs));
    nodes.add(new Node("split", op, from, List.of("a", "b")));
    nodes.add(new Node("relu", new Unary.Relu(), List.of("b"), "c"));
    ValueInfo a = new ValueInfo("a", graph.outputs().getFirst().type(), Shape.of(1, 2, 6, 6));
    return new Graph("net", graph.inputs(), List.of(a, a.named("c")), graph.initializers(), nodes);
  }

  private static float[] channels(Tensor x, int from, int to) {
    float[] all = x.toFloats();
    int image = all.length / 4;
    return Arrays.copyOfRange(all, from * image, to * image);
  }

  @Test
  void allResultsOfQuantizedDataHaveItsParameters() {
    String q = net.s8("q", net.input("x", 1, 4, 6, 6), 0.05f);
    Graph graph = split(net.graph(q), q, new Movement.Split(1, 2));
    Map<String, Tensor> given = Map.of("x", X);
    try (Compiled compiled = new Compiled(graph, "onednn", CompileOptions.DEFAULT, given)) {
      Map<String, Tensor> made = compiled.run(given);
      assertTrue(compiled.row("split").int8(), () -> compiled.row("split").toString());
      assertNull(compiled.row("split").code());
      float[] x = channels(X, 0, 2);
      float[] a = made.get("a").toFloats();
      for (int i = 0; i < x.length; i++) {
        assertEquals(0.05f * (float) Math.rint(x[i] / 0.05f), a[i], 1e-6f);
      }
      assertEquals(Shape.of(1, 2, 6, 6), made.get("c").shape());
    }
  }

  @Test
  void theQuantizerCarriesParametersToAllResults() {
    String x = net.input("x", 1, 4, 6, 6);
    net.constant("w", QdqNet.image(5, 4, 4, 1, 1));
    net.constant("v", QdqNet.image(6, 3, 2, 1, 1));
    Convolution.Conv conv = new Convolution.Conv(Window.of(1, 1), 1);
    String first = net.node("first", conv, x, "w");
    Graph whole = split(net.graph(first), first, new Movement.Split(1, 2));
    List<Node> nodes = new ArrayList<>(whole.nodes().subList(0, 2));
    nodes.add(new Node("left", conv, List.of("a", "v"), "l"));
    nodes.add(new Node("right", conv, List.of("b", "v"), "r"));
    ValueInfo l = new ValueInfo("l", DataType.F32, Shape.of(1, 3, 6, 6));
    Graph graph =
        new Graph("net", whole.inputs(), List.of(l, l.named("r")), whole.initializers(), nodes);
    CalibrationTable table =
        Calibrator.calibrate(graph, QConfig.auto(), List.of(Map.of("x", X)).iterator());
    Graph int8 = Quantizer.convert(graph, table);
    for (String value : List.of("first", "a", "b")) {
      Node dequantize = int8.producer(value);
      assertTrue(dequantize.op() instanceof Quantization.DequantizeLinear, value);
      assertEquals("first_s", dequantize.input(1));
    }
    Map<String, Tensor> given = Map.of("x", X);
    try (Compiled compiled = new Compiled(int8, "onednn", CompileOptions.DEFAULT, given)) {
      compiled.run(given);
      assertTrue(compiled.rows().stream().noneMatch(NodePlan::fallback), "a fallback");
      assertTrue(compiled.row("split").int8(), () -> compiled.row("split").toString());
    }
  }

  /// Channels that lie last are split where they lie: nothing is turned before, or behind.
  @Test
  void channelsOfAnImageAreSplitWhereALayerPutsThem() {
    String q = net.u8("q", net.input("x", 1, 4, 6, 6), 0.05f);
    String first = net.u8("f", net.conv("first", q, 4, 4, 3), 0.1f);
    Graph whole = split(net.graph(first), first, new Movement.Split(1, 2));
    List<Node> nodes = new ArrayList<>(whole.nodes());
    net.constant("v", QdqNet.image(6, 3, 2, 1, 1));
    nodes.removeLast();
    Convolution.Conv conv = new Convolution.Conv(Window.of(1, 1), 1);
    nodes.add(new Node("left", conv, List.of("a", "v"), "l"));
    nodes.add(new Node("right", conv, List.of("b", "v"), "r"));
    Map<String, Tensor> constants = new HashMap<>(whole.initializers());
    constants.put("v", QdqNet.image(6, 3, 2, 1, 1));
    ValueInfo l = new ValueInfo("l", DataType.F32, Shape.of(1, 3, 6, 6));
    Graph graph = new Graph("net", whole.inputs(), List.of(l, l.named("r")), constants, nodes);
    Map<String, Tensor> given = Map.of("x", X);
    Map<String, Tensor> expected = Literally.run(graph, given);
    try (Compiled compiled = new Compiled(graph, "onednn", CompileOptions.DEFAULT, given)) {
      Map<String, Tensor> made = compiled.run(given);
      NodePlan row = compiled.row("split");
      assertTrue(row.int8(), row::toString);
      assertTrue(row.types().contains("[1,6,6,2]"), row::toString);
      for (String y : List.of("l", "r")) {
        assertArrayEquals(expected.get(y).toFloats(), made.get(y).toFloats(), 0.11f);
      }
    }
  }

  /// Each piece has the scales of its own channels.
  @Test
  void scalesForEachChannelGoWithTheirChannels() {
    String x = net.input("x", 1, 4, 6, 6);
    net.constant("s", Tensor.of(new float[] {0.01f, 0.02f, 0.04f, 0.08f}, 4));
    net.constant("z", Tensor.of(DataType.S8, new byte[4], 4));
    String q = net.node("q", new Quantization.QuantizeLinear(1, DataType.S8), x, "s", "z");
    String dq = net.node("dq", new Quantization.DequantizeLinear(1), q, "s", "z");
    Graph graph = split(net.graph(dq), dq, new Movement.Split(1, 2));
    Map<String, Tensor> given = Map.of("x", X);
    Map<String, Tensor> expected = Literally.run(graph, given);
    Map<String, Tensor> made = Compiled.run(graph, "jvm", CompileOptions.DEFAULT, given);
    for (String y : List.of("a", "c")) {
      assertArrayEquals(expected.get(y).toFloats(), made.get(y).toFloats(), 1e-6f);
    }
  }

  @Test
  void constantsAreSplitWhereTheyAre() {
    net.input("x", 1, 4, 6, 6);
    net.constant("k", X);
    net.constant("sizes", Tensor.of(new long[] {1, 3}, 2));
    Graph graph =
        split(
            net.graph(net.node("y", new Unary.Relu(), "x")),
            "k",
            new Movement.Split(1, 0),
            "sizes");
    Graph folded = Prepare.prepare(graph).graph();
    assertArrayEquals(channels(X, 0, 1), folded.constant("a").toFloats());
  }

  @Test
  void aFileHasItAsItIs() throws Exception {
    String x = net.node("y", new Unary.Abs(), net.input("x", 1, 4, 6, 6));
    net.constant("sizes", Tensor.of(new long[] {2, 2}, 2));
    for (boolean given : new boolean[] {true, false}) {
      Movement.Split op = new Movement.Split(1, given ? 0 : 2);
      String[] sizes = given ? new String[] {"sizes"} : new String[0];
      Graph graph = split(net.graph(x), x, op, sizes);
      Graph read = Onnx.read(Onnx.toBytes(graph));
      assertEquals(graph.nodes(), read.nodes());
    }
  }
}
