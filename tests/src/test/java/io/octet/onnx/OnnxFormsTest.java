package io.octet.onnx;

import static io.octet.testkit.OnnxModel.attribute;
import static io.octet.testkit.OnnxModel.raw;
import static io.octet.testkit.OnnxModel.tensor;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import com.google.protobuf.ByteString;
import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Convolution;
import io.octet.runtime.Session;
import io.octet.tensor.Tensor;
import io.octet.testkit.Answers;
import io.octet.testkit.OnnxModel;
import io.octet.testkit.OrtRunner;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What exporters write that the models of `resources/onnx-ops` do not have: free axes, nameless
/// nodes, half-width weights, shapes that are computed while the model runs.
final class OnnxFormsTest {
  private static final Random RANDOM = new Random(20260101);

  /// PyTorch's `x.view(x.size(0), -1)`.
  private static OnnxModel view(Object... dims) {
    return new OnnxModel(13)
        .input("x", dims)
        .scalar("zero", 0)
        .longs("rest", -1)
        .longs("axes", 0)
        .node("Shape", "x", "shape")
        .node("Gather", "shape zero", "batch")
        .node("Unsqueeze", "batch axes", "batch1")
        .node("Concat", "batch1 rest", "target", attribute("axis", 0))
        .node("Reshape", "x target", "y")
        .output("y", "N", "F");
  }

  private static void assertAnswersAsOnnxRuntime(OnnxModel model, Map<String, Tensor> inputs)
      throws Exception {
    Graph graph = Onnx.read(model.bytes());
    try (OrtRunner original = new OrtRunner(model.bytes());
        OrtRunner written = new OrtRunner(Onnx.toBytes(graph));
        Session session = Session.open(graph);
        Arena arena = Arena.ofConfined()) {
      Map<String, Tensor> expected = original.run(inputs);
      Answers.assertClose(expected, written.run(inputs), 1e-6, 0);
      Answers.assertClose(expected, session.run(inputs, arena), 1e-5, 0);
    }
  }

  private static Tensor random(long... sizes) {
    int count = (int) io.octet.tensor.Shape.of(sizes).elements();
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) RANDOM.nextGaussian();
    }
    return Tensor.of(values, sizes);
  }

  @Test
  void aViewThatKeepsTheBatchBecomesOneReshape() throws Exception {
    OnnxModel model = view("N", 3, 4, 5);
    Graph graph = Onnx.read(model.bytes());
    assertEquals(List.of("y_node"), graph.nodes().stream().map(Node::name).toList());
    assertArrayEquals(new long[] {0, -1}, graph.constant("target").toLongs());
    assertEquals("[N,60]", graph.outputs().getFirst().shape().toString());
    assertAnswersAsOnnxRuntime(model, Map.of("x", random(7, 3, 4, 5)));
  }

  @Test
  void aViewOfAKnownShapeHasItsNumbers() throws IOException {
    Graph graph = Onnx.read(view(2, 3, 4).bytes());
    assertArrayEquals(new long[] {2, -1}, graph.constant("target").toLongs());
  }

  /// all-MiniLM-L6-v2 declares [batch,batch], and takes any length.
  @Test
  void twoFreeAxesOfOneNameAreTwo() throws Exception {
    OnnxModel model = new OnnxModel(13).input("x", "N", "N").node("Relu", "x", "y").openOutput("y");
    assertEquals("[N,N[1]]", Onnx.read(model.bytes()).inputs().getFirst().shape().toString());
    assertAnswersAsOnnxRuntime(model, Map.of("x", random(2, 5)));
  }

  @Test
  void aFreeAxisThatMovesIsInferred() throws Exception {
    // x.view(3, x.size(0) * 2 ... ) cannot be said; x.view(6, x.size(0)) can.
    OnnxModel model =
        new OnnxModel(13)
            .input("x", "N", 2, 3)
            .longs("first", 0)
            .longs("six", 6)
            .node("Shape", "x", "shape")
            .node("Gather", "shape first", "batch")
            .node("Concat", "six batch", "target", attribute("axis", 0))
            .node("Reshape", "x target", "y")
            .openOutput("y");
    assertArrayEquals(new long[] {6, -1}, Onnx.read(model.bytes()).constant("target").toLongs());
    assertAnswersAsOnnxRuntime(model, Map.of("x", random(5, 2, 3)));
  }

  @Test
  void slicesOfShapesAreEvaluated() throws Exception {
    // torch.flatten(x, 2), as some exporters write it.
    OnnxModel model =
        new OnnxModel(13)
            .input("x", "N", 4, "H", 5)
            .longs("start", 0)
            .longs("end", 2)
            .longs("rest", -1)
            .node("Shape", "x", "shape")
            .node("Cast", "shape", "same", attribute("to", 7))
            .node("Slice", "same start end", "front")
            .node("Concat", "front rest", "target", attribute("axis", 0))
            .node("Relu", "x", "r")
            .node("Reshape", "r target", "y")
            .openOutput("y");
    assertArrayEquals(new long[] {0, 4, -1}, Onnx.read(model.bytes()).constant("target").toLongs());
    assertAnswersAsOnnxRuntime(model, Map.of("x", random(2, 4, 3, 5)));
  }

  @Test
  void oneComputedShapeServesSeveralReshapes() throws Exception {
    OnnxModel model = view("N", 3, 4, 5).node("Relu", "x", "r").node("Reshape", "r target", "z");
    assertAnswersAsOnnxRuntime(model.openOutput("z"), Map.of("x", random(2, 3, 4, 5)));
  }

  @ParameterizedTest(name = "axis {0}")
  @ValueSource(ints = {0, 1, 2, 3, -1, -2})
  void softmaxOfOldKeepsItsMeaning(int axis) throws Exception {
    for (Object[] dims :
        List.<Object[]>of(new Object[] {"N", 3, 4, 5}, new Object[] {2, 3, 1, 5})) {
      OnnxModel model =
          new OnnxModel(11)
              .input("x", dims)
              .node("Softmax", "x", "y", attribute("axis", axis))
              .output("y", dims);
      long third = (Integer) dims[2];
      assertAnswersAsOnnxRuntime(model, Map.of("x", random(2, 3, third, 5)));
    }
  }

  @Test
  void namelessNodesAreCalledAfterOperatorAndResult() throws IOException {
    byte[] model =
        new OnnxModel(13)
            .input("x", 2)
            .node("", "Relu", "x", "a")
            .node("Sigmoid_b", "Relu", "a", "c")
            .node("", "Sigmoid", "c", "b")
            .output("b", 2)
            .bytes();
    List<String> names = Onnx.read(model).nodes().stream().map(Node::name).toList();
    assertEquals(List.of("Relu_a", "Sigmoid_b", "Sigmoid_b_2"), names);
  }

  @Test
  void axesWithoutASizeAreFree() throws IOException {
    byte[] model =
        new OnnxModel(13).input("x", "batch", "", 3).node("Relu", "x", "y").openOutput("y").bytes();
    Graph graph = Onnx.read(model);
    assertEquals("[batch,x[1],3]", graph.inputs().getFirst().shape().toString());
    assertEquals("y f32[batch,x[1],3]", graph.outputs().getFirst().toString());
    Answers.assertSame(graph, Onnx.read(Onnx.toBytes(graph)));
  }

  @Test
  void integersMayBeInputs() throws IOException {
    byte[] model =
        new OnnxModel(13)
            .input("ids", DataType.INT64, "N", 4)
            .node("Flatten", "ids", "y")
            .openOutput("y")
            .bytes();
    assertEquals("y s64[N,4]", Onnx.read(model).outputs().getFirst().toString());
  }

  @Test
  void initializersAmongTheInputsAreConstants() throws IOException {
    byte[] model =
        new OnnxModel(8)
            .input("x", 2)
            .input("c", 2)
            .constant("c", new long[] {2}, 1, 2)
            .node("Add", "x c", "y")
            .output("y", 2)
            .bytes();
    assertEquals(1, Onnx.read(model).inputs().size());
  }

  @Test
  void halfWidthWeightsAreWidenedExactly() throws IOException {
    OnnxModel model =
        new OnnxModel(13)
            .input("x", 4)
            .constant(
                tensor("half", DataType.FLOAT16, 4).setRawData(raw(0x3c00, 0xc000, 0x0001, 0x7bff)))
            .constant(tensor("typed", DataType.FLOAT16, 1).addInt32Data(0x3555))
            .constant(tensor("brain", DataType.BFLOAT16, 1).setRawData(raw(0x3f81)))
            .node("Cast", "half", "wide", attribute("to", 1))
            .node("Add", "x wide", "a")
            .node("Add", "a typed", "b")
            .node("Add", "b brain", "y")
            .output("y", 4);
    Graph graph = Onnx.read(model.bytes());
    assertArrayEquals(new float[] {1, -2, 0x1p-24f, 65504}, graph.constant("wide").toFloats());
    assertEquals(0.33325195f, graph.constant("typed").getFloat(0));
    assertEquals(1.0078125f, graph.constant("brain").getFloat(0));
  }

  @Test
  void aKernelsSizeMayFollowFromItsWeights() throws IOException {
    byte[] model =
        new OnnxModel(13)
            .input("x", 1, 1, 5, 5)
            .constant(
                tensor("q", DataType.INT8, 1, 1, 2, 3).setRawData(ByteString.copyFrom(new byte[6])))
            .constant("s", new long[0], 0.5f)
            .node("DequantizeLinear", "q s", "w")
            .node("Conv", "x w", "y")
            .output("y", 1, 1, 4, 3)
            .bytes();
    Convolution.Conv conv = (Convolution.Conv) Onnx.read(model).producer("y").op();
    assertEquals("2x3", conv.window().toString());
  }

  @Test
  void aModelMayBeAStream() throws IOException {
    byte[] model = view("N", 3).bytes();
    Answers.assertSame(Onnx.read(model), Onnx.read(new ByteArrayInputStream(model)));
  }

  @Test
  void nodesMayStandInAnyOrder() throws IOException {
    byte[] model =
        new OnnxModel(13)
            .input("x", 2)
            .node("Relu", "a", "y")
            .node("Tanh", "x", "a")
            .output("y", 2)
            .bytes();
    assertEquals("a", Onnx.read(model).nodes().getFirst().output());
  }

  @Test
  void anotherDomainsImportIsNoMatter() throws IOException {
    byte[] model =
        new OnnxModel(13)
            .model(m -> m.addOpsetImportBuilder().setDomain("com.microsoft").setVersion(1))
            .input("x", 2)
            .node("Relu", "x", "y")
            .output("y", 2)
            .bytes();
    assertEquals(1, Onnx.read(model).nodes().size());
  }

  @Test
  void nodesMayShareAName() throws IOException {
    OnnxModel model =
        new OnnxModel(13)
            .input("x", 2)
            .node("n", "Relu", "x", "a")
            .node("n", "Tanh", "a", "b")
            .node("n", "Add", "a b", "c")
            .node("", "Add", "c x", "d")
            .node("", "Add", "d x", "y")
            .output("y", 2);
    Graph graph = Onnx.read(model.bytes());
    assertEquals(
        List.of("n", "n_2", "n_3", "Add_d", "Add_y"),
        graph.nodes().stream().map(Node::name).toList());
  }

  /// Paddle and old tools.
  @Test
  void axesOfMinusOneOrZeroAreFree() throws IOException {
    OnnxModel model =
        new OnnxModel(13)
            .input("x", -1, 3, 0, 5)
            .input("z", -1, 3, 4, 5)
            .node("Relu", "x", "y")
            .node("Tanh", "z", "t")
            .output("y", -1, 3, 0, 5)
            .output("t", 7, -1);
    Graph graph = Onnx.read(model.bytes());
    assertEquals("[x[0],3,x[2],5]", graph.inputs().getFirst().shape().toString());
    assertEquals("[x[0],3,x[2],5]", graph.outputs().getFirst().shape().toString());
    assertEquals("[z[0],3,4,5]", graph.outputs().getLast().shape().toString());
  }

  /// As ONNX Runtime does: it warns, and goes by what the nodes make.
  @Test
  void shapesThatTheFileDeclaresOfWhatNodesMakeAreNoMatter() throws Exception {
    OnnxModel model =
        new OnnxModel(13)
            .input("x", 4)
            .node("Relu", "x", "a")
            .node("Tanh", "a", "y")
            .output("y", 9)
            .graph(g -> g.addValueInfo(g.getOutput(0).toBuilder().setName("a")));
    assertEquals("[4]", Onnx.read(model.bytes()).outputs().getFirst().shape().toString());
    assertAnswersAsOnnxRuntime(model, Map.of("x", random(4)));
  }

  @Test
  void whatIsUnusedIsLeftOut() throws IOException {
    byte[] model =
        new OnnxModel(11)
            .input("x", 2)
            .constant("unused", new long[] {1}, 1)
            .node("Dropout", "x", "y mask", attribute("ratio", 0.5f))
            .output("y", 2)
            .bytes();
    Graph graph = Onnx.read(model);
    assertEquals(0, graph.initializers().size());
    assertEquals(List.of("y"), graph.nodes().getFirst().outputs());
  }
}
