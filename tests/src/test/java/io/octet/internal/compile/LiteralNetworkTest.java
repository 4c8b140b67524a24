package io.octet.internal.compile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.ShapeInference;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Comparison;
import io.octet.graph.op.Generation;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Op;
import io.octet.graph.op.Product;
import io.octet.graph.op.Reduction;
import io.octet.graph.op.Selection;
import io.octet.graph.op.Unary;
import io.octet.graph.op.ValueInfo;
import io.octet.internal.lower.CompileOptions;
import io.octet.internal.pass.Prepare;
import io.octet.internal.plan.NodePlan;
import io.octet.onnx.Onnx;
import io.octet.tensor.DataType;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.OrtRunner;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A whole network of operators without kernels of their own, with a chain that computes its shapes
/// in between, answers as ONNX Runtime does.
class LiteralNetworkTest {
  private final Map<String, Tensor> constants = new LinkedHashMap<>();
  private final List<Node> nodes = new ArrayList<>();

  private String node(String name, Op op, String... from) {
    nodes.add(new Node(name, op, List.of(from), name));
    return name;
  }

  private String floats(String name, float... values) {
    constants.put(name, Tensor.of(values, values.length));
    return name;
  }

  private String sizes(String name, long... values) {
    constants.put(name, Tensor.of(values, values.length));
    return name;
  }

  private String scalar(String name, long value) {
    constants.put(name, Tensor.of(new long[] {value}));
    return name;
  }

  /// [N, T, 8] to [N, 12] and, for each of them, whether it is positive.
  private Graph graph() {
    Shape free = new Shape(List.of(new Dim.Symbol("N"), new Dim.Symbol("T"), new Dim.Fixed(8)));
    String x = "x";
    String centred = node("centred", new Binary.Sub(), x, node("mean", mean(), x, last()));
    String square = node("square", new Binary.Pow(), centred, floats("two", 2));
    String variance = node("variance", mean(), square, last());
    String deviation =
        node("deviation", new Unary.Sqrt(), node("more", new Binary.Add(), variance, tiny()));
    String normal = node("normal", new Binary.Div(), centred, deviation);
    String half =
        node("half", new Selection.Slice(), normal, sizes("from", 2), sizes("to", 8), last());
    String picked = node("picked", new Selection.Gather(-1), half, sizes("which", 5, 0, -3, 1));
    String gelu =
        node(
            "gelu",
            new Binary.Mul(),
            picked,
            node("erf1", new Binary.Add(), node("erf", new Unary.Erf(), picked), floats("one", 1)));
    String wide = node("wide", new Product.MatMul(), gelu, weights());
    String high = node("high", new Comparison.Greater(), wide, floats("zero", 0));
    String other = node("other", new Unary.Exp(), node("less", new Unary.Neg(), wide));
    String chosen = node("chosen", new Selection.Where(), high, wide, other);
    String bounded = node("bounded", new Binary.Min(), chosen, floats("top", 3));
    String summed =
        node("summed", new Reduction.ReduceSum(false, false), bounded, sizes("second", 1));
    String shaped = node("shaped", new Movement.Reshape(false), summed, shape(x));
    String y = node("y", new Movement.Expand(), shaped, sizes("like", 1, 2, 6));
    String positive = node("positive", new Comparison.Greater(), y, floats("none", 0));
    String negative = node("negative", new Unary.Not(), positive);
    String sign = node("sign", new Unary.Cast(DataType.F32), negative);
    ValueInfo input = new ValueInfo(x, DataType.F32, free);
    List<ValueInfo> open =
        List.of(new ValueInfo(y, DataType.F32, free), new ValueInfo(sign, DataType.F32, free));
    Graph untyped = new Graph("literal", List.of(input), open, constants, nodes);
    Map<String, ValueInfo> infos = ShapeInference.infer(untyped);
    return untyped.withOutputs(List.of(infos.get(y), infos.get(sign)));
  }

  private static Op mean() {
    return new Reduction.ReduceMean(true, false);
  }

  private String last() {
    return sizes("last", -1);
  }

  private String tiny() {
    return floats("tiny", 1e-3f);
  }

  private String weights() {
    float[] weights = new float[4 * 12];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (i * 7 % 11 - 5) / 4f;
    }
    constants.put("w", Tensor.of(weights, 4, 12));
    return "w";
  }

  /// [N, 2, 6], from the shape of `x`.
  private String shape(String x) {
    String all = node("all", new Generation.Shape(0, Integer.MAX_VALUE), x);
    String n = node("n", new Selection.Gather(0), all, scalar("first", 0));
    String vector = node("vector", new Movement.Unsqueeze(), n, sizes("front", 0));
    return node("shape", new Movement.Concat(0), vector, sizes("rest", 2, 6));
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "1, 5", "3, 4", "8, 2"})
  void itAnswersAsOnnxRuntimeDoes(int batch, int length) throws OrtException {
    Graph graph = graph();
    Map<String, Tensor> inputs = Map.of("x", QdqNet.image(7, batch, length, 8));
    Map<String, Tensor> expected;
    try (OrtRunner ort = new OrtRunner(Onnx.toBytes(graph))) {
      expected = ort.run(inputs);
    }
    Graph prepared = Prepare.prepare(graph).graph();
    for (String backend : List.of("onednn", "jvm", "reference")) {
      Map<String, Tensor> actual = Compiled.run(prepared, backend, CompileOptions.DEFAULT, inputs);
      expected.forEach(
          (name, y) -> {
            assertEquals(y.shape(), actual.get(name).shape(), name);
            assertArrayEquals(y.toFloats(), actual.get(name).toFloats(), 1e-4f, backend + name);
          });
    }
  }

  @Test
  void theChainOfItsShapeIsNotRun() {
    Map<String, Tensor> inputs = Map.of("x", QdqNet.image(7, 2, 3, 8));
    Graph prepared = Prepare.prepare(graph()).graph();
    try (Compiled compiled = new Compiled(prepared, "jvm", CompileOptions.DEFAULT, inputs)) {
      for (String name : List.of("all", "n", "vector", "shape")) {
        assertEquals(null, compiled.row(name), name);
      }
      List<NodePlan> others = compiled.rows();
      assertTrue(others.size() >= 10, others::toString);
    }
  }
}
