package io.octet.onnx;

import static io.octet.testkit.OnnxModel.attribute;
import static io.octet.testkit.OnnxModel.tensor;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import io.octet.graph.Graph;
import io.octet.runtime.Session;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.Answers;
import io.octet.testkit.OnnxModel;
import io.octet.testkit.OrtRunner;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Operators that have no kernel of their own, on data that only a run knows: the model as it was
/// read, and as it is written, answers as ONNX Runtime does.
final class OperatorsOfDataTest {
  private record Model(String name, OnnxModel model) {
    @Override
    public String toString() {
      return name;
    }
  }

  /// Inputs x and p (positive) [N,3,4], i s64 [2], b bool [4]; y is the output.
  private static OnnxModel given(int opset) {
    return new OnnxModel(opset)
        .input("x", "N", 3, 4)
        .input("p", "N", 3, 4)
        .input("i", DataType.INT64, 2)
        .input("b", DataType.BOOL, 4)
        .constant("two", new long[0], 2)
        .longs("zero", 0)
        .longs("one", 1)
        .longs("minus", -1)
        .longs("far", Long.MIN_VALUE)
        .longs("outer", 0, 2);
  }

  private static Model one(String type, String inputs) {
    return new Model(type, given(17).node(type, inputs, "y"));
  }

  static Stream<Model> models() {
    List<Model> all = new ArrayList<>();
    for (String type : "Neg Abs Floor Ceil Round Erf Exp Tanh Identity Size Shape".split(" ")) {
      all.add(one(type, "x"));
    }
    for (String type : "Sqrt Reciprocal Log".split(" ")) {
      all.add(one(type, "p"));
    }
    for (String type : "Sub Div Max Min Equal Greater GreaterOrEqual Less LessOrEqual".split(" ")) {
      all.add(one(type, "x p"));
    }
    all.add(new Model("Gelu", given(20).node("Gelu", "x", "y")));
    all.add(
        new Model(
            "Gelu by tanh", given(20).node("Gelu", "x", "y", attribute("approximate", "tanh"))));
    all.add(one("Pow", "p two"));
    all.add(one("CumSum", "x one"));
    all.add(
        new Model(
            "CumSum of those behind",
            given(17)
                .node(
                    "CumSum", "x minus", "y", attribute("exclusive", 1), attribute("reverse", 1))));
    all.add(
        new Model(
            "Einsum", given(17).node("Einsum", "x p", "y", attribute("equation", "nij,nij->ni"))));
    all.add(
        new Model(
            "Einsum of three",
            given(17).node("Einsum", "x p x", "y", attribute("equation", "nij,nij,nij->in"))));
    all.add(new Model("GlobalLpPool", given(17).node("GlobalLpPool", "x", "y", attribute("p", 1))));
    all.add(new Model("Max of three", given(17).node("Max", "x p two", "y")));
    all.add(one("Where", "b x two"));
    all.addAll(truths());
    all.addAll(moves());
    all.addAll(olderForms());
    all.addAll(reductions());
    return all.stream();
  }

  private static List<Model> truths() {
    return List.of(
        new Model("Not", given(17).node("Not", "b", "y")),
        new Model("And", given(17).node("Less", "x p", "l").node("And", "l b", "y")),
        new Model("Or", given(17).node("Less", "x p", "l").node("Or", "b l", "y")),
        new Model("Cast to int", given(17).node("Cast", "x", "y", attribute("to", 6))),
        new Model("Cast to bool", given(17).node("Cast", "x", "y", attribute("to", 9))),
        new Model("Cast of ints", given(17).node("Cast", "i", "y", attribute("to", 1))),
        new Model("CastLike", given(17).node("CastLike", "i x", "y")),
        new Model(
            "Clip of a run",
            given(17)
                .node("ReduceMin", "p", "low", attribute("keepdims", 0))
                .node("Clip", "x low two", "y")),
        new Model(
            "Clip of integers",
            given(17)
                .constant(tensor("top", DataType.INT64).addInt64Data(1))
                .node("Clip", "i _ top", "y")),
        new Model("a sum of integers", given(17).node("Add", "i one", "y")));
  }

  private static List<Model> moves() {
    return List.of(
        new Model("Gather", given(17).node("Gather", "x i", "y", attribute("axis", 1))),
        new Model("Slice", given(17).node("Slice", "x minus far minus minus", "y")),
        new Model("Expand", given(17).longs("to", 2, 1, 3, 4).node("Expand", "x to", "y")),
        new Model(
            "Squeeze", given(17).node("Squeeze", "u one", "y").node("Unsqueeze", "x one", "u")),
        new Model(
            "ConstantOfShape", given(17).node("Shape", "x", "s").node("ConstantOfShape", "s", "y")),
        new Model(
            "ConstantOfShape of s32",
            given(17)
                .node("Shape", "x", "s", attribute("start", -2))
                .node("ConstantOfShape", "s", "y")
                .graph(
                    g ->
                        g.getNodeBuilder(1)
                            .addAttributeBuilder()
                            .setName("value")
                            .setType(ai.onnx.proto.OnnxMl.AttributeProto.AttributeType.TENSOR)
                            .setT(tensor("", DataType.INT32, 1).addInt32Data(-7)))),
        new Model("Concat of integers", given(17).node("Concat", "i i", "y", attribute("axis", 0))),
        new Model(
            "Range",
            given(17)
                .scalar("from", 0)
                .scalar("by", 2)
                .node("Size", "x", "n")
                .node("Range", "from n by", "y")));
  }

  /// What is an input today was an attribute.
  private static List<Model> olderForms() {
    long[] outer = {0, 2};
    return List.of(
        new Model(
            "Slice 9",
            given(9)
                .node(
                    "Slice",
                    "x",
                    "y",
                    attribute("starts", new long[] {1, -2}),
                    attribute("ends", new long[] {9, 9}),
                    attribute("axes", new long[] {1, -1}))),
        new Model(
            "Slice 9 without axes",
            given(9)
                .node(
                    "Slice",
                    "x",
                    "y",
                    attribute("starts", new long[] {0, 1}),
                    attribute("ends", new long[] {1, 3}))),
        new Model(
            "Squeeze 11",
            given(11)
                .node("Unsqueeze", "x", "u", attribute("axes", outer))
                .node("Squeeze", "u", "y", attribute("axes", outer))),
        new Model("ReduceSum 11", given(11).node("ReduceSum", "x", "y", attribute("axes", outer))),
        new Model(
            "ReduceMax 13",
            given(13)
                .node("ReduceMax", "x", "y", attribute("axes", outer), attribute("keepdims", 0))));
  }

  private static List<Model> reductions() {
    List<Model> all = new ArrayList<>();
    for (String type : "ReduceMean ReduceSum ReduceProd ReduceMax ReduceMin".split(" ")) {
      all.add(new Model(type, given(18).node(type, "x outer", "y", attribute("keepdims", 0))));
      all.add(new Model(type + " of all", given(18).node(type, "x", "y")));
      all.add(
          new Model(
              type + " of none",
              given(18).node(type, "x", "y", attribute("noop_with_empty_axes", 1))));
    }
    return all;
  }

  /// The same models, as files.
  static Stream<byte[]> files() {
    return models().map(m -> m.model().openOutput("y").bytes());
  }

  private static Map<String, Tensor> inputs(Graph graph, int n) {
    Random random = new Random(7);
    float[] x = new float[n * 12];
    float[] p = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      x[i] = random.nextInt(-8, 9) / 4f;
      p[i] = i % 3 == 0 && x[i] > 0 ? x[i] : 0.25f + random.nextFloat();
    }
    Map<String, Tensor> all = new LinkedHashMap<>();
    all.put("x", Tensor.of(x, n, 3, 4));
    all.put("p", Tensor.of(p, n, 3, 4));
    all.put("i", Tensor.of(new long[] {-1, 1}, 2));
    byte[] truths = {1, 0, 0, 1};
    all.put(
        "b",
        Tensor.wrap(
            io.octet.tensor.DataType.BOOL,
            Shape.of(4),
            java.lang.foreign.MemorySegment.ofArray(truths)));
    all.keySet().removeIf(name -> !graph.isInput(name));
    return all;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("models")
  void eachAnswersAsOnnxRuntime(Model model) throws Exception {
    byte[] bytes = model.model().openOutput("y").bytes();
    Graph graph = Onnx.read(bytes);
    byte[] again = Onnx.toBytes(graph);
    try (OrtRunner original = new OrtRunner(bytes);
        OrtRunner written = new OrtRunner(again);
        Session session = Session.open(graph);
        Session reread = Session.open(Onnx.read(again))) {
      for (int n : new int[] {2, 5}) {
        Map<String, Tensor> inputs = inputs(graph, n);
        Map<String, Tensor> expected = original.run(inputs);
        try (Arena arena = Arena.ofConfined()) {
          Answers.assertClose(expected, written.run(inputs), 1e-6, 0);
          Answers.assertClose(expected, session.run(inputs, arena), 1e-6, 0);
          Answers.assertClose(expected, reread.run(inputs, arena), 1e-6, 0);
        }
      }
    }
  }
}
