package io.octet.onnx;

import static io.octet.testkit.OnnxModel.attribute;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.OctetException.Unsupported;
import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Pooling;
import io.octet.graph.op.Reduction;
import io.octet.graph.op.Unary;
import io.octet.runtime.Session;
import io.octet.tensor.Tensor;
import io.octet.testkit.Answers;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// What PyTorch's exporters write: read with ONNX Runtime's numbers, or refused by the operator's
/// name.
final class TorchExportsTest {
  /// Models that are refused, and the operators that the refusal names.
  private static final Map<String, String> MISSING = Map.of();

  static Stream<Path> exports() throws IOException {
    return ReportedModels.all("torch_exports").stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("exports")
  void eachExportAnswersAsOnnxRuntimeOrIsRefusedByOperator(Path file) throws Exception {
    String name = file.getFileName().toString().replace(".onnx", "");
    if (MISSING.containsKey(name)) {
      Unsupported e = assertThrows(Unsupported.class, () -> Onnx.read(file));
      assertTrue(e.getMessage().contains(MISSING.get(name)), e::getMessage);
    } else {
      assertAnswersAsOnnxRuntime(Files.readAllBytes(file));
    }
  }

  private static void assertAnswersAsOnnxRuntime(byte[] model) throws Exception {
    Graph graph = Onnx.read(model);
    Map<String, Tensor> inputs = ReportedModels.inputs(graph);
    try (OrtRunner original = new OrtRunner(model);
        OrtRunner written = new OrtRunner(Onnx.toBytes(graph));
        Session session = Session.open(graph);
        Arena arena = Arena.ofConfined()) {
      Map<String, Tensor> expected = original.run(inputs);
      Answers.assertClose(expected, written.run(inputs), 1e-5, 0);
      Answers.assertClose(expected, session.run(inputs, arena), 1e-5, 0);
    }
  }

  private static OnnxModel image(int opset) {
    return new OnnxModel(opset)
        .input("x", "N", 2, 3, 3)
        .constant("low", new long[0], -0.5f)
        .constant("high", new long[] {1}, 0.75f);
  }

  private static List<String> ops(byte[] model) {
    return Onnx.read(model).nodes().stream().map(n -> n.op().toString()).toList();
  }

  @Test
  void aClampWrittenAsMaxAndMinIsOneClip() throws Exception {
    byte[] model =
        image(18).node("Max", "x low", "m").node("Min", "high m", "y").openOutput("y").bytes();
    assertEquals(List.of(new Unary.Clip(-0.5f, 0.75f).toString()), ops(model));
    assertAnswersAsOnnxRuntime(model);
  }

  @Test
  void aClampWrittenAsMinAndMaxIsOneClip() throws Exception {
    byte[] model =
        image(18).node("Min", "x high", "m").node("Max", "m low", "y").openOutput("y").bytes();
    assertEquals(List.of(new Unary.Clip(-0.5f, 0.75f).toString()), ops(model));
    assertAnswersAsOnnxRuntime(model);
  }

  @Test
  void aClampWhoseBoundsCrossGivesTheLastOne() throws Exception {
    byte[] model =
        image(18).node("Max", "x high", "m").node("Min", "m low", "y").openOutput("y").bytes();
    assertAnswersAsOnnxRuntime(model);
  }

  @Test
  void aBoundThatAddsAxesIsNoClamp() throws Exception {
    byte[] model =
        image(18)
            .constant("deep", new long[] {1, 1, 1, 1, 1}, 2)
            .node("m", "Max", "x deep", "y")
            .openOutput("y")
            .bytes();
    assertEquals(List.of(new Binary.Max().toString()), ops(model));
    assertAnswersAsOnnxRuntime(model);
  }

  @Test
  void aHalfClampedValueThatOthersReadIsKept() throws Exception {
    byte[] model =
        image(18)
            .node("Max", "x low", "m")
            .node("Min", "m high low", "a")
            .node("Add", "m a", "y")
            .openOutput("y")
            .bytes();
    assertEquals(3, Onnx.read(model).nodes().size());
    assertAnswersAsOnnxRuntime(model);
  }

  /// As torch 2.13's default exporter writes `fc(clamp(x, -0.5, 0.75).mean((2, 3)).view(n, -1))`:
  /// allowzero is always set, though no size is 0.
  @Test
  void theDefaultExportersViewKeepsTheBatch() throws Exception {
    byte[] model =
        image(20)
            .longs("axes", -1, -2)
            .longs("rest", -1)
            .constant("w", new long[] {3, 2}, 1, -2, 3, -4, 5, -6)
            .constant("b", new long[] {3}, 1, 2, 3)
            .node("Shape", "x", "n", attribute("start", 0), attribute("end", 1))
            .node("Max", "x low", "m")
            .node("Min", "m high", "c")
            .node("ReduceMean", "c axes", "g", attribute("keepdims", 1))
            .node("Concat", "n rest", "target", attribute("axis", 0))
            .node("Reshape", "g target", "flat", attribute("allowzero", 1))
            .node("Gemm", "flat w b", "y", attribute("transB", 1))
            .openOutput("y")
            .bytes();
    assertAnswersAsOnnxRuntime(model);
    assertEquals("[N,3]", Onnx.read(model).outputs().getFirst().shape().toString());
  }

  @ParameterizedTest(name = "opset {0}, axes {1} and {2}, keepdims {3}")
  @CsvSource({"13, 2, 3, 0", "13, -1, -2, 1", "18, 2, 3, 1", "18, 3, -2, 0"})
  void theMeanOfAnImageIsGlobalAveragePool(int opset, long a, long b, int keep) throws Exception {
    OnnxModel model = image(opset).longs("axes", a, b);
    byte[] bytes =
        (opset < 18
                ? model.node(
                    "ReduceMean",
                    "x",
                    "y",
                    attribute("axes", new long[] {a, b}),
                    attribute("keepdims", keep))
                : model.node("ReduceMean", "x axes", "y", attribute("keepdims", keep)))
            .openOutput("y")
            .bytes();
    Node first = Onnx.read(bytes).nodes().getFirst();
    assertEquals(new Pooling.GlobalAveragePool(), first.op());
    assertAnswersAsOnnxRuntime(bytes);
  }

  @Test
  void anotherMeanIsAMean() throws Exception {
    for (long[] axes : new long[][] {{1}, {-1}, {0, 2}, {1, 2, 3}}) {
      byte[] model =
          image(13)
              .node("mean", "ReduceMean", "x", "y", attribute("axes", axes))
              .openOutput("y")
              .bytes();
      assertEquals(List.of(new Reduction.ReduceMean(true, false).toString()), ops(model));
      assertAnswersAsOnnxRuntime(model);
    }
  }

  @Test
  void aCastToTheTypeThatAValueHasIsNothing() throws Exception {
    byte[] model = image(13).node("Cast", "x", "y", attribute("to", 1)).openOutput("y").bytes();
    assertEquals(List.of(new Movement.Identity().toString()), ops(model));
    assertAnswersAsOnnxRuntime(model);
  }

  @Test
  void allOperatorsThatAreMissingAreNamedAtOnce() {
    byte[] model =
        image(18)
            .model(m -> m.addOpsetImportBuilder().setDomain("com.microsoft").setVersion(1))
            .node("cut", "Riddle", "x", "a b", attribute("axis", 1))
            .node("cut2", "Riddle", "a", "c d", attribute("axis", 2))
            .node("big", "Max", "a b", "e")
            .node("g", "Enigma", "e", "f")
            .graph(g -> g.getNodeBuilder(3).setDomain("com.microsoft"))
            .node("", "Mystery", "f low", "h")
            .node("Add", "h c", "i")
            .node("Add", "i d", "y")
            .openOutput("y")
            .bytes();
    Unsupported e = assertThrows(Unsupported.class, () -> Onnx.read(model));
    assertTrue(
        e.getMessage()
            .startsWith(
                "the model has operators that Octet does not have: Riddle \"cut\" and 1 more"
                    + " (ai.onnx 18), Enigma \"g\" (com.microsoft 1), Mystery"
                    + " \"Mystery_h\" (ai.onnx 18); `octet ops`"),
        e::getMessage);
  }
}
