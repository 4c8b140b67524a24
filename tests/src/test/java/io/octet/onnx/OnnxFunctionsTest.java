package io.octet.onnx;

import static io.octet.testkit.OnnxModel.attribute;
import static io.octet.testkit.OnnxModel.reference;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import io.octet.OctetException;
import io.octet.OctetException.InvalidModel;
import io.octet.OctetException.Unsupported;
import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.runtime.Session;
import io.octet.tensor.Tensor;
import io.octet.testkit.Answers;
import io.octet.testkit.OnnxModel;
import io.octet.testkit.OrtRunner;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Functions that a file defines, and branches: what they stand for takes their place.
final class OnnxFunctionsTest {
  @TempDir Path folder;

  private static final int OPSET = 18;

  private static OnnxModel body() {
    return new OnnxModel(OPSET);
  }

  private static OnnxModel model(Object... dims) {
    return new OnnxModel(OPSET).input("x", dims);
  }

  /// Leaky(x) * x, of a slope that the call gives or leaves out.
  private static OnnxModel withLeak(OnnxModel model) {
    return model.function(
        body()
            .node("LeakyRelu", "in", "a", reference("alpha", AttributeType.FLOAT, "slope"))
            .node("Mul", "a in", "out")
            .function("Leak", "in", "out", "slope"));
  }

  private static List<String> operators(Graph graph) {
    return graph.nodes().stream().map(n -> n.op().name()).toList();
  }

  private static Graph assertAnswersAsOnnxRuntime(OnnxModel model, float... x) throws Exception {
    byte[] bytes = model.bytes();
    Graph graph = Onnx.read(bytes);
    Map<String, Tensor> inputs = Map.of("x", Tensor.of(x, 2, x.length / 2));
    try (OrtRunner original = new OrtRunner(bytes);
        OrtRunner written = new OrtRunner(Onnx.toBytes(graph));
        Session session = Session.open(graph);
        Arena arena = Arena.ofConfined()) {
      Map<String, Tensor> expected = original.run(inputs);
      Answers.assertClose(expected, session.run(inputs, arena), 1e-6, 0);
      Answers.assertClose(expected, written.run(inputs), 1e-6, 0);
    }
    return graph;
  }

  private static void assertRefused(
      Class<? extends OctetException> kind, OnnxModel model, String message) {
    byte[] bytes = model.bytes();
    OctetException refusal = assertThrows(kind, () -> Onnx.read(bytes));
    assertTrue(refusal.getMessage().contains(message), refusal::getMessage);
  }

  @Test
  void aCallIsItsBody() throws Exception {
    OnnxModel model =
        withLeak(model(2, 2))
            .call("Leak", "x", "a", attribute("slope", 0.5f))
            .call("Leak", "a", "y")
            .openOutput("y");
    Graph graph = assertAnswersAsOnnxRuntime(model, 1, -2, 3, -4);
    assertEquals(
        List.of("a_node/a_node", "a_node/out_node", "y_node/a_node", "y_node/out_node"),
        graph.nodes().stream().map(Node::name).toList());
    assertEquals("a_node/a", graph.nodes().getFirst().output());
  }

  @Test
  void functionsCallFunctionsAndPassTheirAttributesOn() throws Exception {
    OnnxModel model =
        withLeak(model(2, 2))
            .function(
                body()
                    .local()
                    .call("Leak", "in", "a", reference("slope", AttributeType.FLOAT, "s"))
                    .call("Leak", "a", "b")
                    .node("Add", "b in", "out")
                    .function("Twice", "in", "out first", "s")
                    .setOutput(1, "a"))
            .call("Twice", "x", "y z", attribute("s", 2f))
            .openOutput("y")
            .openOutput("z");
    Graph graph = assertAnswersAsOnnxRuntime(model, 1, -2, 3, -4);
    assertEquals(5, graph.nodes().size());
  }

  @Test
  void aFunctionHasDefaultsAndItsOwnOpset() throws Exception {
    OnnxModel model =
        model(2, 2)
            .function(
                new OnnxModel(OPSET)
                    .node("Softmax", "in", "out", reference("axis", AttributeType.INT, "along"))
                    .function("Along", "in", "out", "")
                    .addAttributeProto(attribute("along", 0)))
            .model(m -> m.setIrVersion(9))
            .call("Along", "x", "a")
            .call("Along", "x", "b", attribute("along", 1))
            .node("Sub", "a b", "y")
            .openOutput("y");
    assertAnswersAsOnnxRuntime(model, 1, -2, 3, -4);
    // Axes of ReduceSum are an attribute until opset 12.
    OnnxModel old =
        model(2, 2)
            .function(
                new OnnxModel(12)
                    .node("ReduceSum", "in", "out", attribute("axes", new long[] {1}))
                    .function("Rows", "in", "out", ""))
            .call("Rows", "x", "y")
            .openOutput("y");
    assertEquals("[2,1]", Onnx.read(old.bytes()).outputs().getFirst().shape().toString());
  }

  @Test
  void inputsMayBeLeftOutAndOutputsMayBeInputs() throws Exception {
    OnnxModel model =
        model(2, 2)
            .constant("six", new long[0], 6)
            .function(
                body()
                    .node("Clip", "in least most", "out")
                    .function("Bound", "in least most", "out in", ""))
            .call("Bound", "x _ six", "a same")
            .call("Bound", "same six", "b")
            .node("Add", "a b", "y")
            .openOutput("y");
    Graph graph = Onnx.read(model.bytes());
    try (Session session = Session.open(graph);
        Arena arena = Arena.ofConfined()) {
      Tensor x = Tensor.of(new float[] {1, -2, 30, 7}, 2, 2);
      float[] y = session.run(Map.of("x", x), arena).get("y").toFloats();
      assertArrayEquals(new float[] {7, 4, 36, 13}, y);
    }
  }

  @Test
  void aFunctionMayOverrideAnOperator() throws Exception {
    OnnxModel model = model(2).node("Twist", "x", "y").openOutput("y");
    assertRefused(Unsupported.class, model, "Twist \"y_node\" (ai.onnx 18)");
    model.function(
        body().node("Tanh", "in", "out").function("Twist", "in", "out", "").setDomain(""));
    assertEquals(List.of("Tanh"), operators(Onnx.read(model.bytes())));
  }

  @Test
  void callsThatNeverEndAreRefused() {
    OnnxModel self =
        model(2)
            .function(body().call("F", "in", "out").function("F", "in", "out", ""))
            .call("F", "x", "y")
            .openOutput("y");
    assertRefused(InvalidModel.class, self, "function \"F\" calls itself");
    OnnxModel doubling = model(2).call("F0", "x", "y").openOutput("y");
    for (int i = 0; i < 40; i++) {
      doubling.function(
          body()
              .call("F" + (i + 1), "in", "half")
              .call("F" + (i + 1), "half", "out")
              .function("F" + i, "in", "out", ""));
    }
    doubling.function(body().node("Relu", "in", "out").function("F40", "in", "out", ""));
    assertRefused(Unsupported.class, doubling, "put in the place of their calls");
    OnnxModel throughBranches =
        model(2)
            .constant(OnnxModel.tensor("yes", DataType.BOOL).addInt32Data(1))
            .function(
                body()
                    .branches(
                        "if",
                        "out",
                        body().call("G", "in if", "t").openOutput("t"),
                        body().node("Relu", "in", "e").openOutput("e"))
                    .function("G", "in if", "out", ""))
            .call("G", "x yes", "y")
            .openOutput("y");
    assertRefused(Unsupported.class, throughBranches, "put in the place of their calls");
  }

  @Test
  void callsThatDoNotFitAreRefused() {
    assertRefused(
        InvalidModel.class,
        withLeak(model(2)).call("Leak", "x x", "y").openOutput("y"),
        "Leak \"y_node\": the function has 1 inputs and 1 outputs, but the node 2 and 1");
    assertRefused(
        InvalidModel.class,
        withLeak(model(2)).call("Leak", "x", "y", attribute("beta", 1f)).openOutput("y"),
        "Leak \"y_node\": the function has no attribute \"beta\"");
    assertRefused(
        InvalidModel.class,
        withLeak(withLeak(model(2))).call("Leak", "x", "y").openOutput("y"),
        "two functions are called \"Leak\"");
    assertRefused(
        Unsupported.class,
        model(2)
            .function(new OnnxModel(24).node("Relu", "in", "out").function("New", "in", "out", ""))
            .call("New", "x", "y")
            .openOutput("y"),
        "opset 24");
    assertRefused(
        InvalidModel.class,
        model(2)
            .function(body().node("Add", "in x", "out").function("Outer", "in", "out", ""))
            .call("Outer", "x", "y")
            .openOutput("y"),
        "reads \"y_node/x\"");
  }

  // ---- If

  private static OnnxModel told(boolean holds) {
    return model(2, 2)
        .constant(OnnxModel.tensor("if", DataType.BOOL).addInt32Data(holds ? 1 : 0))
        .constant("w", new long[] {2}, 1, 2);
  }

  private static OnnxModel branches(OnnxModel model) {
    return model
        .node("Tanh", "x", "h")
        .branches(
            "if",
            "a b",
            body()
                .constant("w2", new long[] {2}, 3, 4)
                .node("y_node", "Add", "h w", "t")
                .node("n", "Mul", "t w2", "u")
                .node("Identity", "h", "same")
                .openOutput("u")
                .openOutput("same"),
            body()
                .constant("w2", new long[] {2, 2}, 5, 6, 7, 8)
                .node("n", "Sub", "h w", "t")
                .openOutput("t")
                .openOutput("w2"))
        .node("Add", "a b", "y")
        .openOutput("y");
  }

  @Test
  void aBranchThatIsKnownTakesThePlaceOfItsIf() throws Exception {
    Graph then = assertAnswersAsOnnxRuntime(branches(told(true)), 1, -2, 3, -4);
    assertEquals(List.of("Tanh", "Add", "Mul", "Identity", "Add"), operators(then));
    Graph otherwise = assertAnswersAsOnnxRuntime(branches(told(false)), 1, -2, 3, -4);
    assertTrue(operators(otherwise).containsAll(List.of("Tanh", "Sub", "Add")));
  }

  /// ONNX Runtime refuses it, the format does not.
  @Test
  void aBranchMayGiveAValueFromOutside() throws IOException {
    OnnxModel model =
        told(true)
            .branches("if", "y", body().openOutput("x"), body().openOutput("w"))
            .openOutput("y");
    assertEquals(List.of("Identity"), operators(Onnx.read(model.bytes())));
  }

  private static OnnxModel squeezed(Object... dims) {
    return model(dims)
        .scalar("at", 1)
        .scalar("one", 1)
        .longs("axis", 1)
        .node("Shape", "x", "shape")
        .node("Gather", "shape at", "size")
        .node("Equal", "size one", "single")
        .branches(
            "single",
            "y",
            body().node("Squeeze", "x axis", "s").openOutput("s"),
            body().node("Identity", "x", "i").openOutput("i"))
        .openOutput("y");
  }

  /// PyTorch's `squeeze`: the axis goes where it has one element.
  @Test
  void fixedSizesTellWhichBranchIsTaken() throws IOException {
    for (int size : new int[] {1, 2}) {
      OnnxModel model = squeezed("N", size);
      String taken = size == 1 ? "Squeeze" : "Identity";
      assertEquals(List.of(taken), operators(Onnx.read(model.bytes())));
    }
  }

  /// As PyTorch exports it with dynamic axes.
  @Test
  void aFreeAxisThatDecidesIsNamedAndMayBeGivenASize() throws Exception {
    assertRefused(
        Unsupported.class,
        squeezed("N", "channels"),
        "the sizes of [channels] tell whether \"single\" holds; the model is read where they are"
            + " given: --dim channels=1, or Onnx.read(file, sizes)");
    Path file = Files.write(folder.resolve("free.onnx"), squeezed("N", "channels").bytes());
    Graph one = Onnx.read(file, Map.of("channels", 1L));
    assertEquals(List.of("Squeeze"), operators(one));
    assertEquals("[N,1]", one.inputs().getFirst().shape().toString());
    assertEquals(List.of("Identity"), operators(Onnx.read(file, Map.of("channels", 2L, "N", 3L))));
    assertEquals(
        "no input has a free axis \"C\"; free axes: [N, channels]",
        assertThrows(IllegalArgumentException.class, () -> Onnx.read(file, Map.of("C", 1L)))
            .getMessage());
    assertThrows(IllegalArgumentException.class, () -> Onnx.read(file, Map.of("N", 0L)));
  }

  /// Data that nobody knows decide beside the axis.
  @Test
  void whatDataDecideNamesNoAxis() {
    OnnxModel model =
        model("N", 2)
            .input("if", DataType.BOOL)
            .scalar("at", 0)
            .scalar("one", 1)
            .node("Shape", "x", "shape")
            .node("Gather", "shape at", "size")
            .node("Equal", "size one", "single")
            .node("And", "single if", "both")
            .branches("both", "y", body().openOutput("x"), body().openOutput("x"))
            .openOutput("y");
    assertRefused(Unsupported.class, model, "only a run knows whether \"both\" holds");
  }

  @Test
  void branchesNestAndCallFunctions() throws Exception {
    OnnxModel model =
        withLeak(told(false))
            .function(
                body()
                    .node("Relu", "in", "r")
                    .branches(
                        "if",
                        "out",
                        body().node("Elsewhere", "in", "t").openOutput("t"),
                        body()
                            .node("Not", "if", "not")
                            .branches(
                                "not",
                                "inner",
                                body()
                                    .local()
                                    .call(
                                        "Leak",
                                        "r",
                                        "t",
                                        reference("slope", AttributeType.FLOAT, "s"))
                                    .openOutput("t"),
                                body().node("Neg", "r", "t").openOutput("t"))
                            .openOutput("inner"))
                    .function("Choose", "in if", "out", "s"))
            .call("Choose", "x if", "y", attribute("s", 3f))
            .openOutput("y");
    assertEquals(List.of("Relu", "LeakyRelu", "Mul"), operators(Onnx.read(model.bytes())));
  }

  @Test
  void aBranchThatOnlyARunKnowsIsRefused() {
    assertRefused(
        Unsupported.class,
        branches(model(2, 2).input("if", DataType.BOOL).constant("w", new long[] {2}, 1, 2)),
        "If \"a_node\": only a run knows whether \"if\" holds");
    assertRefused(
        InvalidModel.class,
        branches(model(2, 2).constant("if", new long[0], 1).constant("w", new long[] {2}, 1, 2)),
        "If \"a_node\": its condition is f32");
    assertRefused(
        InvalidModel.class,
        told(true).node("If", "if", "y").openOutput("y"),
        "If \"y_node\": has no then_branch");
    assertRefused(
        Unsupported.class,
        told(true)
            .branches(
                "if", "y", body().node("Loop", "x", "t").openOutput("t"), body().openOutput("x"))
            .openOutput("y"),
        "Loop \"t_node\" (ai.onnx 18)");
  }
}
