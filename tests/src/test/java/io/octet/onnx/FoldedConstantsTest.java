package io.octet.onnx;

import static io.octet.testkit.OnnxModel.attribute;
import static io.octet.testkit.OnnxModel.raw;
import static io.octet.testkit.OnnxModel.tensor;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import com.google.protobuf.ByteString;
import io.octet.OctetException.Unsupported;
import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Quantization;
import io.octet.runtime.FallbackPolicy;
import io.octet.runtime.NodeReport;
import io.octet.runtime.Session;
import io.octet.runtime.SessionOptions;
import io.octet.tensor.Tensor;
import io.octet.testkit.Answers;
import io.octet.testkit.Machine;
import io.octet.testkit.OnnxModel;
import io.octet.testkit.OrtRunner;
import io.octet.testkit.ReportedModels;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Constants that an exporter left as a small expression are constants: whoever reads them sees
/// their value.
final class FoldedConstantsTest {
  private static final SessionOptions ALLOW =
      SessionOptions.builder().checks(c -> c.fallback(FallbackPolicy.ALLOW)).build();

  static Stream<Path> folded() throws IOException {
    return ReportedModels.all("folded_constants").stream();
  }

  private static void assertAnswersAsOnnxRuntime(byte[] model) throws Exception {
    Graph graph = Onnx.read(model);
    Map<String, Tensor> inputs = ReportedModels.inputs(graph);
    try (OrtRunner original = new OrtRunner(model);
        OrtRunner written = new OrtRunner(Onnx.toBytes(graph));
        Session session = Session.open(graph, ALLOW);
        Arena arena = Arena.ofConfined()) {
      Map<String, Tensor> expected = original.run(inputs);
      Answers.assertClose(expected, written.run(inputs), 1e-6, 0);
      Answers.assertClose(expected, session.run(inputs, arena), 1e-5, 0);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("folded")
  void everyReportedExpressionAnswersAsOnnxRuntime(Path model) throws Exception {
    assertAnswersAsOnnxRuntime(Files.readAllBytes(model));
  }

  /// x [N,4] -> Add with "c", which `expression` makes.
  private static OnnxModel sum(int opset, OnnxModel expression) {
    return expression.node("Add", "x c", "y").openOutput("y");
  }

  private static OnnxModel model(int opset) {
    return new OnnxModel(opset)
        .input("x", "N", 4)
        .constant("a", new long[] {2, 4}, 1, -2, 3, -4, 5, -6, 7, -8)
        .constant("v", new long[] {4}, 0.5f, 2, 3, 0.25f)
        .constant("two", new long[] {}, 2)
        .longs("zero", 0)
        .longs("one", 1)
        .longs("minus", -1)
        .longs("four", 4)
        .scalar("n", 4);
  }

  private static OnnxModel expression(String name) {
    OnnxModel m = model(17);
    return switch (name) {
      case "Sub" -> m.node("Sub", "v two", "c");
      case "Div" -> m.node("Div", "v two", "c");
      case "Pow" -> m.node("Pow", "v two", "c");
      case "Min" -> m.node("Min", "v two", "c");
      case "Max" -> m.node("Max", "v two", "c");
      case "Neg" -> m.node("Neg", "v", "c");
      case "Sqrt" -> m.node("Sqrt", "v", "c");
      case "Reciprocal" -> m.node("Reciprocal", "v", "c");
      case "Sigmoid" -> m.node("Sigmoid", "v", "c");
      case "Exp" -> m.node("Exp", "v", "c");
      case "Clip" -> m.node("Clip", "v _ two", "c");
      case "Gather" -> m.scalar("at", -1).node("Gather", "a at", "c", attribute("axis", 0));
      case "Slice backwards" -> m.longs("far", -100).node("Slice", "v minus far zero minus", "c");
      case "Slice in steps" ->
          m.longs("by", 2)
              .node("Slice", "a zero four one by", "half")
              .node("Concat", "half half", "rows", attribute("axis", 1))
              .node("Slice", "rows zero one zero", "c");
      case "Transpose" ->
          m.node("Transpose", "a", "t")
              .node("Slice", "t zero one one", "col")
              .node("Squeeze", "col one", "c");
      case "Unsqueeze" -> m.node("Unsqueeze", "v zero", "c");
      case "Flatten" -> m.node("Flatten", "v", "c", attribute("axis", 0));
      case "Expand" -> m.node("Expand", "two four", "c");
      case "ConstantOfShape" -> m.node("ConstantOfShape", "four", "c");
      case "Range" ->
          m.scalar("from", 0)
              .scalar("by", 1)
              .node("Range", "from n by", "r")
              .node("Cast", "r", "c", attribute("to", 1));
      case "Where" -> m.node("Greater", "v two", "big").node("Where", "big v two", "c");
      case "Shape" ->
          m.node("Shape", "a", "s")
              .node("ConstantOfShape", "s", "zeros")
              .node("Slice", "zeros zero one zero", "c");
      case "Size" -> m.node("Size", "a", "s").node("Cast", "s", "c", attribute("to", 1));
      case "integers" ->
          m.longs("q", 7, -7, 9, -9)
              .longs("d", 2)
              .node("Div", "q d", "w")
              .node("Cast", "w", "c", attribute("to", 1));
      case "doubles" ->
          m.constant(
                  tensor("d", DataType.DOUBLE, 4)
                      .addDoubleData(0.1)
                      .addDoubleData(1e-300)
                      .addDoubleData(-3.7)
                      .addDoubleData(1e30))
              .node("Mul", "d d", "dd")
              .node("Cast", "dd", "c", attribute("to", 1));
      case "functions of doubles" ->
          m.constant(
                  tensor("d", DataType.DOUBLE, 4)
                      .addDoubleData(0.1)
                      .addDoubleData(1e-300)
                      .addDoubleData(-3.7)
                      .addDoubleData(2))
              .node("Tanh", "d", "t")
              .node("Relu", "t", "r")
              .node("Sigmoid", "r", "s")
              .node("Cast", "s", "c", attribute("to", 1));
      case "halves" ->
          m.node("Cast", "v", "h", attribute("to", 10))
              .constant(tensor("half", DataType.FLOAT16, 1).setRawData(raw(0x3800)))
              .node("Mul", "h half", "hh")
              .node("Cast", "hh", "c", attribute("to", 1));
      case "truth" ->
          m.node("Cast", "v", "b", attribute("to", 9))
              .node("Not", "b", "nb")
              .node("Cast", "nb", "c", attribute("to", 1));
      case "out of order" -> {
        // Sub stands behind its reader.
        yield m.node("Mul", "late two", "c").node("Sub", "v two", "late");
      }
      default -> throw new IllegalArgumentException(name);
    };
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "Sub",
    "Div",
    "Pow",
    "Min",
    "Max",
    "Neg",
    "Sqrt",
    "Reciprocal",
    "Sigmoid",
    "Exp",
    "Clip",
    "Gather",
    "Slice backwards",
    "Slice in steps",
    "Transpose",
    "Unsqueeze",
    "Flatten",
    "Expand",
    "ConstantOfShape",
    "Range",
    "Where",
    "Shape",
    "Size",
    "integers",
    "doubles",
    "functions of doubles",
    "halves",
    "truth",
  })
  void eachOperatorOfConstantsIsComputed(String name) throws Exception {
    OnnxModel model = sum(17, expression(name));
    assertEquals(
        List.of("Add"), Onnx.read(model.bytes()).nodes().stream().map(n -> n.op().name()).toList());
    assertAnswersAsOnnxRuntime(model.bytes());
  }

  /// ONNX Runtime computes halves in float, and leaves the rounding between two operators out.
  @Test
  void halvesAreRoundedAsHalves() throws IOException {
    OnnxModel m =
        model(17)
            .constant(tensor("third", DataType.FLOAT16, 1).setRawData(raw(0x3555)))
            .node("Cast", "v", "h", attribute("to", 10))
            .node("Mul", "h third", "hh")
            .node("Cast", "hh", "c", attribute("to", 1));
    float third = Float.float16ToFloat((short) 0x3555);
    assertEquals(
        Float.float16ToFloat(Float.floatToFloat16(3 * third)),
        Onnx.read(sum(17, m).bytes()).constant("c").getFloat(2));
  }

  @Test
  void constantsMayStandBehindTheirReaders() throws IOException {
    Graph graph = Onnx.read(sum(17, expression("out of order")).bytes());
    assertArrayEquals(new float[] {-3, 0, 2, -3.5f}, graph.constant("c").toFloats());
  }

  /// Weights [4,2] in int8, a scale for each of the four; `moves` leads from "d" to "w" [4,2,1,1].
  private static OnnxModel quantizedConv(OnnxModel moves) {
    return moves
        .constant("xs", new long[0], 0.02f)
        .constant(tensor("xz", DataType.UINT8).addInt32Data(128))
        .node("QuantizeLinear", "x xs xz", "xq")
        .node("DequantizeLinear", "xq xs xz", "xd")
        .node("Conv", "xd w", "y")
        .openOutput("y");
  }

  private static OnnxModel weights(long... dims) {
    OnnxModel model =
        new OnnxModel(17)
            .input("x", "N", 2, 3, 3)
            .longs("zero", 0)
            .longs("one", 1)
            .longs("spatial", 2, 3)
            .constant("s", new long[] {4}, 0.01f, 0.02f, 0.03f, 0.04f);
    byte[] q = new byte[(int) io.octet.tensor.Shape.of(dims).elements()];
    for (int i = 0; i < q.length; i++) {
      q[i] = (byte) (37 * i - 100);
    }
    return model.constant(tensor("q", DataType.INT8, dims).setRawData(ByteString.copyFrom(q)));
  }

  private static OnnxModel moved(String name) {
    OnnxModel m =
        switch (name) {
          case "Reshape" ->
              weights(4, 2)
                  .longs("sh", 4, 2, 1, 1)
                  .node("DequantizeLinear", "q s", "d", attribute("axis", 0))
                  .node("Reshape", "d sh", "w");
          case "Unsqueeze" ->
              weights(4, 2)
                  .node("DequantizeLinear", "q s", "d", attribute("axis", 0))
                  .node("Unsqueeze", "d spatial", "w");
          case "Transpose" ->
              weights(2, 4)
                  .node("DequantizeLinear", "q s", "d", attribute("axis", 1))
                  .node("Transpose", "d", "t", attribute("perm", new long[] {1, 0}))
                  .node("Unsqueeze", "t spatial", "w");
          case "Slice" ->
              weights(5, 4)
                  .longs("from", 2)
                  .longs("to", 4)
                  .node("DequantizeLinear", "q s", "d", attribute("axis", 1))
                  .node("Slice", "d from to zero", "sl")
                  .node("Transpose", "sl", "t")
                  .node("Unsqueeze", "t spatial", "w");
          case "Slice of channels" ->
              weights(4, 2)
                  .longs("from", -1)
                  .longs("to", -4)
                  .longs("by", -1)
                  .node("DequantizeLinear", "q s", "d", attribute("axis", 0))
                  .node("Slice", "d from to zero by", "sl")
                  .node("Unsqueeze", "sl spatial", "w");
          case "Gather of channels" ->
              weights(4, 2)
                  .longs("which", 3, 1, 1)
                  .node("DequantizeLinear", "q s", "d", attribute("axis", 0))
                  .node("Gather", "d which", "g", attribute("axis", 0))
                  .node("Unsqueeze", "g spatial", "w");
          case "Identity" ->
              weights(4, 2, 1, 1)
                  .node("DequantizeLinear", "q s", "d", attribute("axis", 0))
                  .node("Identity", "d", "w");
          default -> throw new IllegalArgumentException(name);
        };
    return quantizedConv(m);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "Reshape",
    "Unsqueeze",
    "Transpose",
    "Slice",
    "Slice of channels",
    "Gather of channels",
    "Identity",
  })
  void weightsThatAreMovedBehindDequantizeLinearStayIntegers(String name) throws Exception {
    byte[] model = moved(name).bytes();
    assertAnswersAsOnnxRuntime(model);
    Graph graph = Onnx.read(model);
    Node conv = graph.producer("y");
    assertTrue(graph.producer(conv.input(1)).op() instanceof Quantization.DequantizeLinear);
    Machine.requireInt8();
    try (Session session = Session.open(graph, SessionOptions.defaults())) {
      NodeReport row =
          session.explain().stream().filter(r -> r.op().equals("Conv")).findFirst().orElseThrow();
      assertTrue(!row.dtype().equals("fp32"), row::toString);
    }
  }

  @Test
  void arithmeticBehindDequantizeLinearGivesFloats() throws Exception {
    OnnxModel m =
        weights(4, 2)
            .constant("k", new long[] {}, 3)
            .node("DequantizeLinear", "q s", "d", attribute("axis", 0))
            .node("Mul", "d k", "scaled")
            .node("Unsqueeze", "scaled spatial", "w");
    byte[] model = quantizedConv(m).bytes();
    assertAnswersAsOnnxRuntime(model);
    assertEquals("f32[4,2,1,1]", Onnx.read(model).constant("w").toString());
  }

  @Test
  void scalesForChannelsThatAReshapeMergesGiveFloats() throws Exception {
    OnnxModel m =
        weights(4, 2)
            .longs("sh", 2, 2, 2, 1)
            .longs("out", 4, 2, 1, 1)
            .node("DequantizeLinear", "q s", "d", attribute("axis", 0))
            .node("Reshape", "d sh", "r")
            .node("Reshape", "r out", "w");
    assertAnswersAsOnnxRuntime(quantizedConv(m).bytes());
  }

  @Test
  void aQuantizedScaleIsAScale() throws Exception {
    byte[] model =
        new OnnxModel(17)
            .input("x", "N", 4)
            .constant(tensor("q", DataType.UINT8).addInt32Data(50))
            .constant("s", new long[0], 0.001f)
            .node("DequantizeLinear", "q s", "scale")
            .node("QuantizeLinear", "x scale", "xq")
            .node("DequantizeLinear", "xq scale", "y")
            .openOutput("y")
            .bytes();
    assertAnswersAsOnnxRuntime(model);
  }

  @Test
  void whatNobodyReadsMayBeOfAnyTypeAndOperator() throws IOException {
    byte[] model =
        new OnnxModel(17)
            .input("x", "N", 4)
            .constant(tensor("text", DataType.STRING, 1))
            .node("Einsum", "x x", "e", attribute("equation", "ij,ij"))
            .node("Relu", "e", "dead")
            .node("Gelu", "text", "gelu")
            .node("Relu", "x", "y")
            .openOutput("y")
            .bytes();
    assertEquals(List.of("y_node"), Onnx.read(model).nodes().stream().map(Node::name).toList());
  }

  @Test
  void aNodeThatIsReadForItsShapeAloneIsLeftOut() throws IOException {
    byte[] model =
        new OnnxModel(17)
            .input("x", "N", 2, 4)
            .node("Tanh", "x", "t")
            .node("Shape", "t", "s")
            .node("Reshape", "x s", "y")
            .openOutput("y")
            .bytes();
    assertEquals(
        List.of("Reshape"), Onnx.read(model).nodes().stream().map(n -> n.op().name()).toList());
  }

  @Test
  void aShapeOfFixedSizesMayBeAnOutput() throws Exception {
    assertAnswersAsOnnxRuntime(
        new OnnxModel(13)
            .input("x", 2, 3)
            .node("Relu", "x", "y")
            .node("Shape", "x", "z")
            .openOutput("y")
            .output("z")
            .graph(
                g ->
                    g.getOutputBuilder(1)
                        .getTypeBuilder()
                        .getTensorTypeBuilder()
                        .setElemType(DataType.INT64_VALUE)
                        .getShapeBuilder()
                        .addDimBuilder()
                        .setDimValue(2))
            .bytes());
  }

  /// Each constant as large as the two before: 27 nodes would fill any memory.
  @Test
  @Timeout(30)
  void constantsThatGrowBeyondMeasureAreRefusedBeforeTheyAreComputed() {
    OnnxModel m = new OnnxModel(13).input("x", 1, 4).constant("k0", new long[] {1, 4}, 1, 1, 1, 1);
    for (int i = 0; i < 40; i++) {
      m.node("Concat", "k" + i + " k" + i, "k" + (i + 1), attribute("axis", 0));
    }
    byte[] concat = m.node("Add", "x k40", "y").openOutput("y").bytes();
    Unsupported e = assertThrows(Unsupported.class, () -> Onnx.read(concat));
    assertTrue(e.getMessage().contains("bytes; beside the"));
  }

  @Test
  @Timeout(30)
  void attacksByFoldingAreRefusedBeforeTheyAreComputed() {
    byte[] outer =
        new OnnxModel(13)
            .input("x", 1, 1)
            .constant("a", new long[] {46341, 1}, new float[46341])
            .constant("b", new long[] {1, 46341}, new float[46341])
            .node("Add", "a b", "ab")
            .node("Add", "x ab", "y")
            .openOutput("y")
            .bytes();
    Unsupported sum = assertThrows(Unsupported.class, () -> Onnx.read(outer));
    assertTrue(
        sum.getMessage()
            .startsWith("Add \"ab_node\": a constant f32[46341,46341] takes 8589953124 bytes"),
        sum::getMessage);
    Path bomb = ReportedModels.named("attack", "fold_bomb");
    Unsupported doubled = assertThrows(Unsupported.class, () -> Onnx.read(bomb));
    assertTrue(doubled.getMessage().startsWith("Concat \""), doubled::getMessage);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"1073741824, 1073741824", "46341, 46341", "9223372036854775807, 1"})
  @Timeout(30)
  void hugeShapesAreRefusedBeforeTheyAreFilled(long a, long b) {
    byte[] model =
        new OnnxModel(13)
            .input("x", 1, 4)
            .longs("shape", a, b)
            .node("ConstantOfShape", "shape", "c")
            .node("Add", "x c", "y")
            .openOutput("y")
            .bytes();
    Unsupported e = assertThrows(Unsupported.class, () -> Onnx.read(model));
    assertTrue(e.getMessage().startsWith("ConstantOfShape \"c_node\""), e::getMessage);
  }
}
