package io.octet.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.ShapeInference;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Convolution;
import io.octet.graph.op.Op;
import io.octet.graph.op.Pooling;
import io.octet.graph.op.Unary;
import io.octet.graph.op.ValueInfo;
import io.octet.graph.op.Window;
import io.octet.quant.CalibrationTable;
import io.octet.quant.CalibrationTable.FloatNode;
import io.octet.quant.QConfig;
import io.octet.quant.Quantizer;
import io.octet.runtime.Calibrator;
import io.octet.runtime.NodeReport;
import io.octet.runtime.Session;
import io.octet.runtime.SessionOptions;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.Answers;
import io.octet.testkit.Machine;
import io.octet.testkit.OrtRunner;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// A block as MobileNetV3 and EfficientNet have: functions that bend, and a gate for each channel
/// that is squeezed out of the image.
final class GatedBlockTest {
  private static final Shape IMAGE = Shape.of(1, 8, 14, 14);

  private final Random random = new Random(5);
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Tensor> constants = new LinkedHashMap<>();

  private String node(String name, Op op, String... in) {
    nodes.add(new Node(name, op, List.of(in), name));
    return name;
  }

  private String conv(String name, String x, int in, int out, int kernel, int groups) {
    Window window = Window.of(kernel, kernel).pads(kernel / 2, kernel / 2, kernel / 2, kernel / 2);
    constants.put(name + ".w", floats(1.5f / kernel, out, in / groups, kernel, kernel));
    constants.put(name + ".b", floats(0.3f, out));
    return node(name, new Convolution.Conv(window, groups), x, name + ".w", name + ".b");
  }

  private Tensor floats(float size, long... sizes) {
    float[] values = new float[(int) Shape.of(sizes).elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian() * size;
    }
    return Tensor.of(values, sizes);
  }

  private Graph block() {
    String wide = conv("expand", "x", 8, 24, 1, 1);
    String swish = node("swish", new Unary.HardSwish(), wide);
    String deep = conv("deep", swish, 24, 24, 3, 24);
    String silu = node("silu", new Binary.Mul(), node("sigmoid", new Unary.Sigmoid(), deep), deep);
    String mean = node("mean", new Pooling.GlobalAveragePool(), silu);
    String less = node("relu", new Unary.Relu(), conv("squeeze", mean, 24, 6, 1, 1));
    String gate =
        node("gate", new Unary.HardSigmoid(0.2f, 0.5f), conv("excite", less, 6, 24, 1, 1));
    String gated = node("gated", new Binary.Mul(), silu, gate);
    String narrow = conv("project", gated, 24, 8, 1, 1);
    node("sum", new Binary.Add(), narrow, "x");
    Graph open =
        new Graph(
            "block", List.of(new ValueInfo("x", DataType.F32, IMAGE)), List.of(), constants, nodes);
    return open.withOutputs(List.of(ShapeInference.infer(open).get("sum")));
  }

  private Map<String, Tensor> image() {
    return Map.of("x", floats(1, IMAGE.sizes()));
  }

  private CalibrationTable calibrated(Graph graph, QConfig qconfig) {
    List<Map<String, Tensor>> data = List.of(image(), image(), image());
    return Calibrator.calibrate(graph, qconfig, data.iterator());
  }

  @Test
  void itRunsWholeInInt8AndGivesOnnxRuntimesAnswers() throws Exception {
    Machine.requireInt8();
    Graph graph = block();
    CalibrationTable table = calibrated(graph, QConfig.auto());
    assertEquals(List.of(), table.floatNodes());
    Graph int8 = Quantizer.convert(graph, table);
    SessionOptions exact = SessionOptions.builder().kernels(k -> k.exact(true)).build();
    Map<String, Tensor> inputs = image();
    try (Session usual = Session.open(int8);
        Session session = Session.open(int8, exact);
        OrtRunner ort = new OrtRunner(Onnx.toBytes(int8));
        Arena arena = Arena.ofConfined()) {
      assertInt8(usual);
      assertInt8(session);
      float step = 1.01f / 127; // of the result's largest
      Answers.assertClose(ort.run(inputs), session.run(inputs, arena), step, 0);
    }
  }

  private static void assertInt8(Session session) {
    for (NodeReport row : session.explain()) {
      assertEquals("int8", row.dtype(), row::toString);
    }
  }

  @Test
  void pytorchsPresetsKeepItsFunctionsInFloat() {
    CalibrationTable table = calibrated(block(), QConfig.fbgemm());
    assertEquals(
        List.of("swish", "sigmoid", "silu", "gate", "gated"),
        table.floatNodes().stream().map(FloatNode::node).toList());
  }

  @Test
  void gatesHaveTheRangeOfTheirDefinition() {
    CalibrationTable table = calibrated(block(), QConfig.auto());
    CalibrationTable.Entry gate =
        table.values().stream().filter(e -> e.value().equals("gate")).findFirst().orElseThrow();
    assertEquals(1 / 255f, gate.params().scale());
    assertEquals(DataType.U8, gate.params().type());
    assertEquals(0, gate.params().zeroPoint());
  }
}
