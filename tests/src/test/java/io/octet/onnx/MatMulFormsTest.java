package io.octet.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.graph.Graph;
import io.octet.quant.CalibrationTable;
import io.octet.quant.CalibrationTable.FloatNode;
import io.octet.quant.QConfig;
import io.octet.quant.Quantizer;
import io.octet.runtime.Calibrator;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Products with constants in every form that ONNX has, and what becomes of them in int8.
final class MatMulFormsTest {
  private static final SessionOptions EXACT =
      SessionOptions.builder()
          .checks(c -> c.fallback(FallbackPolicy.ALLOW))
          .kernels(k -> k.exact(true))
          .build();

  static Stream<Path> forms() throws IOException {
    return ReportedModels.all("matmul_forms").stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("forms")
  void everyFormAnswersAsOnnxRuntime(Path file) throws Exception {
    Graph graph = Onnx.read(file);
    Map<String, Tensor> inputs = ReportedModels.inputs(graph);
    try (OrtRunner ort = new OrtRunner(Files.readAllBytes(file));
        Session session = Session.open(graph, EXACT);
        Arena arena = Arena.ofConfined()) {
      // One step of the output's quantization, where it has one.
      double allowed = graph.initializers().containsKey("y_s") ? 1.2 / 127 : 1e-5;
      Answers.assertClose(ort.run(inputs), session.run(inputs, arena), allowed, 0);
    }
  }

  private static CalibrationTable calibrated(Graph graph) {
    return Calibrator.calibrate(
        graph, QConfig.auto(), List.of(ReportedModels.inputs(graph)).iterator());
  }

  @Test
  void oneMatrixWrittenAsABatchIsALayerInInt8() throws Exception {
    Graph graph = Onnx.read(ReportedModels.named("matmul_forms", "mm_1xKN"));
    CalibrationTable table = calibrated(graph);
    assertEquals(List.of(), table.floatNodes());
    Graph quantized = Quantizer.convert(graph, table);
    Map<String, Tensor> inputs = ReportedModels.inputs(graph);
    try (OrtRunner ort = new OrtRunner(Onnx.toBytes(quantized));
        Session session = Session.open(quantized, EXACT);
        Arena arena = Arena.ofConfined()) {
      Answers.assertClose(ort.run(inputs), session.run(inputs, arena), 1.2 / 127, 0);
      Machine.requireInt8();
      for (NodeReport row : session.explain()) {
        assertTrue(!row.op().equals("MatMul") || !row.dtype().equals("fp32"), row::toString);
      }
    }
  }

  @Test
  void quantizedWeightsWrittenAsABatchAreALayerInInt8() throws Exception {
    byte[] q = new byte[12 * 7];
    for (int i = 0; i < q.length; i++) {
      q[i] = (byte) (29 * i - 100);
    }
    OnnxModel model =
        new OnnxModel(17)
            .input("x", "N", 5, 12)
            .constant("xs", new long[0], 0.03f)
            .constant("ws", new long[] {7}, 0.01f, 0.02f, 0.03f, 0.01f, 0.02f, 0.03f, 0.01f)
            .constant(
                OnnxModel.tensor("q", ai.onnx.proto.OnnxMl.TensorProto.DataType.INT8, 1, 12, 7)
                    .setRawData(com.google.protobuf.ByteString.copyFrom(q)))
            .constant(
                OnnxModel.tensor("xz", ai.onnx.proto.OnnxMl.TensorProto.DataType.INT8)
                    .addInt32Data(0))
            .node("QuantizeLinear", "x xs xz", "xq")
            .node("DequantizeLinear", "xq xs xz", "xd")
            .node("DequantizeLinear", "q ws", "w", OnnxModel.attribute("axis", 2))
            .node("MatMul", "xd w", "y")
            .openOutput("y");
    Graph graph = Onnx.read(model.bytes());
    Map<String, Tensor> inputs = ReportedModels.inputs(graph);
    try (OrtRunner ort = new OrtRunner(model.bytes());
        Session session = Session.open(graph, SessionOptions.defaults());
        Arena arena = Arena.ofConfined()) {
      Answers.assertClose(ort.run(inputs), session.run(inputs, arena), 1e-5, 0);
      Machine.requireInt8();
      for (NodeReport row : session.explain()) {
        assertTrue(!row.op().equals("MatMul") || !row.dtype().equals("fp32"), row::toString);
      }
    }
  }

  /// Where sums could saturate it says so and runs in FP32.
  @Test
  void aBatchOfQuantizedWeightsRunsInInt8() throws Exception {
    byte[] weights = new byte[40];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (byte) (37 * i);
    }
    byte[] model =
        new OnnxModel(17)
            .input("x", "N", 2, 3, 4)
            .constant("s", new long[0], 0.03f)
            .constant(
                OnnxModel.tensor("q", ai.onnx.proto.OnnxMl.TensorProto.DataType.INT8, 2, 4, 5)
                    .setRawData(com.google.protobuf.ByteString.copyFrom(weights)))
            .node("QuantizeLinear", "x s", "xq")
            .node("DequantizeLinear", "xq s", "xd")
            .node("DequantizeLinear", "q s", "w")
            .node("MatMul", "xd w", "y")
            .openOutput("y")
            .bytes();
    float[] x = new float[24];
    for (int i = 0; i < x.length; i++) {
      x[i] = i / 4f - 3;
    }
    Map<String, Tensor> input = Map.of("x", Tensor.of(x, 1, 2, 3, 4));
    try (OrtRunner ort = new OrtRunner(model);
        Session session =
            Session.open(
                Onnx.read(model), EXACT.toBuilder().kernels(k -> k.exact(false)).build())) {
      NodeReport product =
          session.explain().stream().filter(r -> r.op().equals("MatMul")).findFirst().orElseThrow();
      boolean saturates =
          product.fallback() != null && product.fallback().text().contains("saturate");
      assertTrue(product.dtype().equals("int8") || saturates, product::toString);
      Answers.assertClose(ort.run(input), session.run(input, Arena.ofAuto()), 1e-6, 0);
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "mm_batched_weight | its weights are [5,12,7], a layer has one matrix",
        "mm_vector | its weights are [12], a layer has one matrix",
        "mm_weight_left | its constant stands on the left, where a layer has its data",
        "mm_acts | a product of two activations stays FP32",
        "gemm_10_1_1_7 | it transposes its data",
        "gemm_00_1_1_16x7 | its bias is no vector",
      })
  void whatStaysInFloatHasATrueReason(String name, String reason) throws IOException {
    Graph graph = Onnx.read(ReportedModels.named("matmul_forms", name));
    List<FloatNode> left = calibrated(graph).floatNodes();
    FloatNode product =
        left.stream()
            .filter(n -> n.op().equals("MatMul") || n.op().equals("Gemm"))
            .findFirst()
            .orElseThrow();
    assertEquals(reason, product.reason());
  }
}
