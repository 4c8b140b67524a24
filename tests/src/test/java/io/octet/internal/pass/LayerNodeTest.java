package io.octet.internal.pass;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.ShapeInference;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Convolution;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Op;
import io.octet.graph.op.Product;
import io.octet.graph.op.Quantization;
import io.octet.graph.op.Unary;
import io.octet.graph.op.ValueInfo;
import io.octet.graph.op.Window;
import io.octet.internal.pass.LayerNode.Kind;
import io.octet.internal.reference.Reference;
import io.octet.runtime.Session;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What is a layer, in every form in which exporters write one; and that calibration, which asks
/// {@link Groups}, and lowering, which asks {@link LayerNode}, mean the same.
final class LayerNodeTest {
  private static final Op MATMUL = new Product.MatMul();
  private static final Op CONV = new Convolution.Conv(Window.of(1, 1), 1);

  /// One form: a node "y" over data "x" or "k", weights "w", bias "b"; and what it should be.
  static final class Form {
    private final String name;
    private final Map<String, Tensor> constants = new LinkedHashMap<>();
    private final List<Node> nodes = new ArrayList<>();
    private final List<ValueInfo> inputs = new ArrayList<>();
    private String expected = "none";

    Form(String name, long... x) {
      this.name = name;
      input("x", x);
    }

    Form input(String value, long... shape) {
      inputs.add(new ValueInfo(value, DataType.F32, Shape.of(shape)));
      return this;
    }

    Form floats(String value, long... shape) {
      float[] values = new float[Math.toIntExact(Shape.of(shape).elements())];
      for (int i = 0; i < values.length; i++) {
        values[i] = i + 1;
      }
      constants.put(value, Tensor.of(values, shape));
      return this;
    }

    /// Integers behind a DequantizeLinear.
    Form stored(String value, DataType type, long... shape) {
      byte[] bytes = new byte[Math.toIntExact(Shape.of(shape).elements())];
      int[] ints = new int[bytes.length];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) (i - 3);
        ints[i] = 100 * i - 200;
      }
      Tensor integers =
          type == DataType.S32 ? Tensor.of(ints, shape) : Tensor.of(type, bytes, shape);
      constants.put(value + "_q", integers);
      constants.put(value + "_s", Tensor.scalar(0.5f));
      return node(new Quantization.DequantizeLinear(0), value, value + "_q", value + "_s");
    }

    Form node(Op op, String output, String... in) {
      nodes.add(new Node("n_" + output, op, List.of(in), output));
      return this;
    }

    /// "LINEAR, channels on axis 1: 3, bias b, y": and the node that makes the output.
    Form is(String what) {
      expected = what;
      return this;
    }

    Graph graph() {
      Node last = nodes.getLast();
      ValueInfo y = new ValueInfo(last.output(), DataType.F32, Shape.of());
      return new Graph("form", inputs, List.of(y), constants, nodes);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static Op gemm(boolean transA, boolean transB) {
    return new Product.Gemm(1, 1, transA, transB);
  }

  static Stream<Form> gemms() {
    return Stream.of(
        new Form("Gemm", 4, 2)
            .floats("w", 3, 2)
            .node(gemm(false, true), "y", "x", "w")
            .is("LINEAR 3 on axis 0, no bias, made by y"),
        new Form("Gemm, weights [in, out]", 4, 2)
            .floats("w", 2, 3)
            .floats("b", 1, 3)
            .node(gemm(false, false), "y", "x", "w", "b")
            .is("LINEAR 3 on axis 0, bias b, made by y"),
        new Form("Gemm, alpha and beta", 4, 2)
            .floats("w", 2, 3)
            .floats("b")
            .node(new Product.Gemm(2, 3, false, false), "y", "x", "w", "b")
            .is("LINEAR 3 on axis 0, bias b, made by y"),
        new Form("Gemm, its bias counts nothing", 4, 2)
            .floats("w", 3, 2)
            .floats("b", 4, 3)
            .node(new Product.Gemm(1, 0, false, true), "y", "x", "w", "b")
            .is("LINEAR 3 on axis 0, no bias, made by y"),
        new Form("Gemm, data transposed", 2, 4)
            .floats("w", 3, 2)
            .node(gemm(true, true), "y", "x", "w"),
        new Form("Gemm, a row of numbers for each row", 4, 2)
            .floats("w", 3, 2)
            .floats("b", 4, 1)
            .node(gemm(false, true), "y", "x", "w", "b"),
        new Form("Gemm, bias given at run time", 4, 2)
            .input("b", 3)
            .floats("w", 3, 2)
            .node(gemm(false, true), "y", "x", "w", "b"),
        new Form("Gemm, weights given at run time", 4, 2)
            .input("w", 3, 2)
            .node(gemm(false, true), "y", "x", "w"),
        new Form("Gemm, quantized", 4, 2)
            .stored("w", DataType.S8, 3, 2)
            .stored("b", DataType.S32, 1, 3)
            .node(gemm(false, true), "y", "x", "w", "b")
            .is("LINEAR 3 on axis 0, bias b, made by y"),
        new Form("Gemm, quantized, data transposed", 2, 4)
            .stored("w", DataType.S8, 3, 2)
            .node(gemm(true, true), "y", "x", "w"));
  }

  static Stream<Form> products() {
    return Stream.of(
        new Form("MatMul of a matrix", 4, 2)
            .floats("w", 2, 3)
            .node(MATMUL, "y", "x", "w")
            .is("LINEAR 3 on axis 0, no bias, made by y"),
        new Form("MatMul of a sequence", 4, 5, 2)
            .floats("w", 2, 3)
            .node(MATMUL, "y", "x", "w")
            .is("LINEAR 3 on axis 1, no bias, made by y"),
        new Form("MatMul, one matrix written as a batch", 4, 5, 2)
            .floats("w", 1, 2, 3)
            .node(MATMUL, "y", "x", "w")
            .is("LINEAR 3 on axis 1, no bias, made by y"),
        new Form("MatMul, a batch of weights", 4, 5, 2)
            .floats("w", 4, 2, 3)
            .node(MATMUL, "y", "x", "w"),
        new Form("MatMul, a vector of weights", 4, 5, 2).floats("w", 2).node(MATMUL, "y", "x", "w"),
        new Form("MatMul, the constant on the left", 2, 3)
            .floats("w", 4, 2)
            .node(MATMUL, "y", "w", "x"),
        new Form("MatMul of two activations", 4, 2).input("w", 2, 3).node(MATMUL, "y", "x", "w"),
        new Form("MatMul, quantized", 4, 2)
            .stored("w", DataType.S8, 2, 3)
            .node(MATMUL, "y", "x", "w")
            .is("LINEAR 3 on axis 1, no bias, made by y"),
        new Form("MatMul, weights transposed", 4, 5, 2)
            .floats("v", 3, 2)
            .node(new Movement.Transpose(List.of(1, 0)), "w", "v")
            .node(MATMUL, "y", "x", "w")
            .is("LINEAR 3 on axis 1, no bias, made by y"),
        new Form("MatMul, quantized weights transposed", 4, 5, 2)
            .stored("v", DataType.S8, 3, 2)
            .node(new Movement.Transpose(List.of(1, 0)), "w", "v")
            .node(MATMUL, "y", "x", "w")
            .is("LINEAR 3 on axis 1, no bias, made by y"),
        new Form("MatMul, weights quantized at run time by a constant scale", 4, 5, 2)
            .floats("v", 2, 3)
            .floats("s")
            .node(new Quantization.QuantizeLinear(0, DataType.S8), "q", "v", "s")
            .node(new Quantization.DequantizeLinear(0), "w", "q", "s")
            .node(MATMUL, "y", "x", "w")
            .is("LINEAR 3 on axis 1, no bias, made by y"),
        new Form("MatMul, weights whose scale is given at run time", 4, 5, 2)
            .input("s")
            .floats("v", 2, 3)
            .node(new Quantization.QuantizeLinear(0, DataType.S8), "q", "v", "s")
            .node(new Quantization.DequantizeLinear(0), "w", "q", "s")
            .node(MATMUL, "y", "x", "w"));
  }

  private static Form sum(String name, long[] x, long... bias) {
    return new Form(name + ", + " + Shape.of(bias), x)
        .floats("w", 2, 3)
        .floats("b", bias)
        .node(MATMUL, "y", "x", "w")
        .node(new Binary.Add(), "a", "b", "y");
  }

  static Stream<Form> sums() {
    long[] row = {2};
    long[] sequence = {4, 5, 2};
    String added = "LINEAR 3 on axis 1, bias b, made by a";
    String bare = "LINEAR 3 on axis 1, no bias, made by y";
    return Stream.of(
        sum("sequence", sequence, 3).is(added),
        sum("sequence", sequence, 1, 3).is(added),
        sum("sequence", sequence, 1, 1, 3).is(added),
        sum("sequence", sequence).is(added),
        sum("sequence", sequence, 1, 1, 1).is(added),
        sum("sequence", sequence, 5, 1).is(bare),
        sum("sequence", sequence, 5, 3).is(bare),
        sum("sequence", sequence, 1, 1, 1, 3).is(bare),
        sum("row", row, 3).is(added),
        sum("row", row, 1).is(added),
        sum("row", row, 1, 3).is(bare),
        new Form("sequence, + quantized [1,3]", 4, 5, 2)
            .stored("w", DataType.S8, 2, 3)
            .stored("b", DataType.S32, 1, 3)
            .node(MATMUL, "y", "x", "w")
            .node(new Binary.Add(), "a", "y", "b")
            .is(added),
        new Form("sequence, + an activation", 4, 5, 2)
            .input("b", 3)
            .floats("w", 2, 3)
            .node(MATMUL, "y", "x", "w")
            .node(new Binary.Add(), "a", "y", "b")
            .is(bare),
        new Form("sequence, + itself", 4, 5, 2)
            .floats("w", 2, 3)
            .node(MATMUL, "y", "x", "w")
            .node(new Binary.Add(), "a", "y", "y")
            .is(bare));
  }

  static Stream<Form> convolutions() {
    return Stream.of(
        new Form("Conv", 1, 2, 4, 4)
            .floats("w", 3, 2, 1, 1)
            .floats("b", 3)
            .node(CONV, "y", "x", "w", "b")
            .is("CONV 3 on axis 0, bias b, made by y"),
        new Form("Conv, quantized", 1, 2, 4, 4)
            .stored("w", DataType.S8, 3, 2, 1, 1)
            .stored("b", DataType.S32, 3)
            .node(CONV, "y", "x", "w", "b")
            .is("CONV 3 on axis 0, bias b, made by y"),
        new Form("Conv, weights given at run time", 1, 2, 4, 4)
            .input("w", 3, 2, 1, 1)
            .node(CONV, "y", "x", "w"),
        new Form("Conv, bias given at run time", 1, 2, 4, 4)
            .input("b", 3)
            .floats("w", 3, 2, 1, 1)
            .node(CONV, "y", "x", "w", "b"),
        new Form("no layer at all", 1, 2, 4, 4).node(new Unary.Relu(), "y", "x"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource({"gemms", "products", "sums", "convolutions"})
  void everyFormIsALayerOrNoneToAllWhoAsk(Form form) {
    Prepared prepared = Prepare.prepare(form.graph());
    Graph graph = prepared.graph();
    Inferred inferred = new Inferred(graph);
    Node node =
        graph.nodes().stream().filter(n -> n.name().equals("n_y")).findFirst().orElseThrow();
    Optional<LayerNode> layer =
        LayerNode.of(graph, node).map(l -> l.withAdd(graph, v -> inferred.shape(v).rank()));
    assertEquals(form.expected, layer.map(LayerNodeTest::told).orElse("none"));
    assertEquals(layer, prepared.groups().of(node).flatMap(Group::layer));
  }

  /// Sums of small whole numbers: there is one right answer.
  @ParameterizedTest(name = "{0}")
  @MethodSource({"gemms", "products", "sums"})
  void everyFormMeansWhatItIsWrittenAs(Form form) {
    runsAsWritten(form.graph());
  }

  @Test
  void aLayerOfConstantsRuns() {
    runsAsWritten(
        new Form("constant data", 1)
            .stored("k", DataType.S8, 4, 2)
            .stored("w", DataType.S8, 2, 3)
            .node(MATMUL, "y", "k", "w")
            .node(new Binary.Add(), "a", "y", "x")
            .graph());
  }

  private static void runsAsWritten(Graph graph) {
    Map<String, Tensor> values = new LinkedHashMap<>(graph.initializers());
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    for (ValueInfo input : graph.inputs()) {
      float[] numbers = new float[Math.toIntExact(input.shape().elements())];
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = input.shape().rank() == 0 ? 0.5f : i % 7 - 2;
      }
      inputs.put(input.name(), Tensor.of(numbers, input.shape().sizes()));
    }
    values.putAll(inputs);
    Map<String, ValueInfo> infos = ShapeInference.infer(graph);
    for (Node node : graph.nodes()) {
      ValueInfo y = infos.get(node.output());
      Tensor made = Constants.zeros(y.type(), y.shape());
      List<Tensor> in = new ArrayList<>();
      node.inputs().forEach(v -> in.add(values.get(v)));
      Reference.evaluate(node.op(), in, List.of(made));
      values.put(node.output(), made);
    }
    String output = graph.outputs().getFirst().name();
    try (Session session = Session.open(graph);
        Arena arena = Arena.ofConfined()) {
      Tensor y = session.run(inputs, arena).get(output);
      assertEquals(values.get(output).shape(), y.shape());
      assertArrayEquals(values.get(output).toFloats(), y.toFloats());
    }
  }

  private static String told(LayerNode layer) {
    return "%s %d on axis %d, %s, made by %s"
        .formatted(
            layer.kind(),
            layer.channels(),
            layer.channelAxis(),
            layer.hasBias() ? "bias " + layer.bias() : "no bias",
            layer.last().output());
  }

  @Test
  void aLayerOfConstantsIsOneButNoGroup() {
    Graph graph =
        new Form("constant data", 1)
            .stored("k", DataType.S8, 4, 2)
            .floats("w", 3, 2)
            .node(gemm(false, true), "y", "k", "w")
            .graph();
    Node node = graph.producer("y");
    assertEquals(Kind.LINEAR, LayerNode.of(graph, node).orElseThrow().kind());
    assertTrue(Groups.of(new Inferred(graph), false).all().isEmpty());
  }
}
