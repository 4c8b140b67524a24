package io.octet.onnx;

import static io.octet.nn.Layers.adaptiveAvgPool2d;
import static io.octet.nn.Layers.avgPool2d;
import static io.octet.nn.Layers.conv2d;
import static io.octet.nn.Layers.flatten;
import static io.octet.nn.Layers.leakyRelu;
import static io.octet.nn.Layers.linear;
import static io.octet.nn.Layers.relu6;
import static io.octet.nn.Layers.sequential;
import static io.octet.nn.Layers.sigmoid;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.octet.OctetException.Unsupported;
import io.octet.graph.Graph;
import io.octet.onnx.WriteOptions.Format;
import io.octet.onnx.WriteOptions.Profile;
import io.octet.quant.QConfig;
import io.octet.quant.QConfig.Activations;
import io.octet.quant.Quantizer;
import io.octet.runtime.Calibrator;
import io.octet.runtime.FallbackPolicy;
import io.octet.runtime.Session;
import io.octet.runtime.SessionOptions;
import io.octet.tensor.DataType;
import io.octet.tensor.Tensor;
import io.octet.testkit.Fashion;
import io.octet.testkit.OnnxModel;
import io.octet.testkit.OrtRunner;
import io.octet.testkit.SmallNets;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every form in which a quantized graph is written: ONNX Runtime loads it and gives Octet's
/// answers, Octet reads it back and gives the same, and a file for TensorRT has nothing that
/// TensorRT refuses.
class WrittenFormsTest {
  private static final WriteOptions QOPERATOR = WriteOptions.DEFAULT.format(Format.QOPERATOR);
  private static final WriteOptions TENSORRT = WriteOptions.DEFAULT.profile(Profile.TENSORRT);

  /// The demo's network takes its time.
  private static final List<QConfig> DEMO =
      List.of(with(Activations.AFFINE), with(Activations.SYMMETRIC));

  private static final Map<String, Graph> QUANTIZED = new HashMap<>();

  /// @param graph takes the images of {@link SmallNets#image}; null for the demo's network
  record Net(String name, Graph graph) {}

  record Written(Net net, QConfig qconfig, WriteOptions options) {
    @Override
    public String toString() {
      return net.name + " " + qconfig + " " + options.format() + " " + options.profile();
    }

    /// Once for all forms.
    Graph quantized() throws IOException {
      String key = net.name + " " + qconfig;
      if (!QUANTIZED.containsKey(key)) {
        QUANTIZED.put(key, convert());
      }
      return QUANTIZED.get(key);
    }

    private Graph convert() throws IOException {
      if (net.graph == null) {
        return Fashion.int8(qconfig);
      }
      Iterator<Map<String, Tensor>> samples =
          IntStream.range(0, 4)
              .mapToObj(i -> Map.of(net.graph.inputs().getFirst().name(), SmallNets.image(4, i)))
              .iterator();
      return Quantizer.convert(net.graph, Calibrator.calibrate(net.graph, qconfig, samples));
    }

    Tensor image() throws IOException {
      return net.graph == null
          ? Fashion.firstTest(30).values().iterator().next()
          : SmallNets.image(16, 9);
    }
  }

  private static QConfig with(Activations activations) {
    return QConfig.auto().toBuilder().activations(activations).build();
  }

  private static Graph pools() {
    return sequential(
            conv2d(3, 8, 3).stride(2),
            relu6(),
            conv2d(8, 8, 3).padding(1).groups(8),
            leakyRelu(0.1f),
            avgPool2d(2),
            conv2d(8, 12, 1),
            sigmoid(),
            adaptiveAvgPool2d(1),
            flatten(),
            linear(12, 5))
        .seed(4)
        .input(3, 12, 12);
  }

  /// Zeros beside values of both signs: as bytes they are the zero point.
  private static Graph padded() {
    SplittableRandom random = new SplittableRandom(6);
    OnnxModel model =
        new OnnxModel(17)
            .input("input", "N", 3, 12, 12)
            .constant("w", new long[] {4, 3, 3, 3}, weights(random, 108))
            .constant("v", new long[] {5, 4, 3, 3}, weights(random, 180))
            .longs("pads", 0, 0, 1, 2, 0, 0, 3, 1)
            .node("Conv", "input w", "c")
            .node("Pad", "c pads", "p")
            .node("Conv", "p v", "y")
            .openOutput("y");
    return Onnx.read(model.bytes());
  }

  private static float[] weights(SplittableRandom random, int count) {
    float[] weights = new float[count];
    for (int i = 0; i < count; i++) {
      weights[i] = (float) random.nextDouble(-0.3, 0.3);
    }
    return weights;
  }

  static Stream<Written> files() {
    List<Net> nets =
        List.of(
            new Net("residual", SmallNets.fp32(3)),
            new Net("pools", pools()),
            new Net("padded", padded()),
            new Net("demo", null));
    return nets.stream()
        .flatMap(
            net ->
                Stream.of(
                    new Written(net, QConfig.auto(), WriteOptions.DEFAULT),
                    new Written(net, QConfig.fbgemm(), WriteOptions.DEFAULT),
                    new Written(net, with(Activations.AFFINE), QOPERATOR),
                    new Written(net, QConfig.fbgemm(), QOPERATOR),
                    new Written(net, QConfig.onednn(), QOPERATOR),
                    new Written(net, QConfig.auto(), QOPERATOR),
                    new Written(net, with(Activations.SYMMETRIC), QOPERATOR),
                    new Written(net, with(Activations.SYMMETRIC), TENSORRT)))
        .filter(w -> w.net.graph != null || DEMO.contains(w.qconfig));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("files")
  void onnxRuntimeAndOctetAnswerAlike(Written written) throws Exception {
    Graph graph = written.quantized();
    byte[] file = Onnx.toBytes(graph, ModelMetadata.NONE, written.options());
    Tensor image = written.image();
    Tensor ours = octet(graph, image);
    Tensor theirs;
    try (OrtRunner ort = new OrtRunner(file)) {
      theirs = ort.run(Map.of(graph.inputs().getFirst().name(), image)).values().iterator().next();
    }
    requireAlike(graph, theirs, ours, "ONNX Runtime");
    requireAlike(graph, octet(Onnx.read(file), image), ours, "read back");
  }

  private static Tensor octet(Graph graph, Tensor image) {
    SessionOptions options =
        SessionOptions.builder()
            .checks(c -> c.fallback(FallbackPolicy.ALLOW))
            .kernels(k -> k.exact(true))
            .build();
    try (Session session = Session.open(graph, options);
        Arena arena = Arena.ofConfined()) {
      Map<String, Tensor> inputs = Map.of(graph.inputs().getFirst().name(), image);
      Tensor y = session.run(inputs, arena).values().iterator().next();
      return Tensor.of(y.toFloats(), y.shape().sizes());
    }
  }

  /// At least 99% within one step of the output's quantization, all within two.
  private static void requireAlike(Graph graph, Tensor expected, Tensor actual, String who) {
    float step =
        graph.constant(graph.producer(graph.outputs().getFirst().name()).input(1)).getFloat(0);
    int far = 0;
    for (long i = 0; i < expected.elements(); i++) {
      double off = Math.abs(expected.getFloat(i) - actual.getFloat(i)) / step;
      far += off > 1.01 ? 1 : 0;
      assertTrue(off <= 2.01, who + ": element " + i + " is off by " + off);
    }
    assertTrue(far <= expected.elements() / 100, who + ": " + far + " of " + expected.elements());
  }

  @Test
  void aFileInOperatorsOverIntegersHasNoOther() throws Exception {
    Net net = new Net("residual", SmallNets.fp32(3));
    Graph graph = new Written(net, with(Activations.AFFINE), QOPERATOR).quantized();
    ModelProto model = ModelProto.parseFrom(Onnx.toBytes(graph, ModelMetadata.NONE, QOPERATOR));
    Map<String, Integer> operators = new HashMap<>();
    Set<String> names = new TreeSet<>();
    for (NodeProto node : model.getGraph().getNodeList()) {
      operators.merge(node.getOpType(), 1, Integer::sum);
      names.add(node.getName());
    }
    assertEquals(
        Map.of(
            "QuantizeLinear", 1,
            "QLinearConv", 3,
            "QLinearAdd", 1,
            "MaxPool", 1,
            "Flatten", 1,
            "QGemm", 1,
            "DequantizeLinear", 1),
        operators);
    Set<String> before = new HashSet<>();
    graph.nodes().forEach(node -> before.add(node.name()));
    assertTrue(before.containsAll(names), names::toString);
    assertEquals(2, model.getOpsetImportCount());
    assertEquals("com.microsoft", model.getOpsetImport(1).getDomain());
    Set<String> read = new HashSet<>();
    model.getGraph().getNodeList().forEach(node -> read.addAll(node.getInputList()));
    model
        .getGraph()
        .getInitializerList()
        .forEach(t -> assertTrue(read.contains(t.getName()), t.getName() + " is not read"));
  }

  @Test
  void whatHasNoOperatorOverIntegersStays() throws Exception {
    Graph graph =
        new Written(new Net("r", SmallNets.fp32(3)), QConfig.auto(), QOPERATOR).quantized();
    ModelProto model = ModelProto.parseFrom(Onnx.toBytes(graph, ModelMetadata.NONE, QOPERATOR));
    // s8 images into u8, which ONNX Runtime has no kernel for.
    assertTrue(model.getGraph().getNodeList().stream().anyMatch(n -> n.getOpType().equals("Conv")));
  }

  @Test
  void aFileForTensorRtHasNothingThatItRefuses() throws Exception {
    Graph graph =
        new Written(new Net("pools", pools()), with(Activations.SYMMETRIC), TENSORRT).quantized();
    ModelProto model = ModelProto.parseFrom(Onnx.toBytes(graph, ModelMetadata.NONE, TENSORRT));
    Map<String, TensorProto> constants = new HashMap<>();
    model.getGraph().getInitializerList().forEach(t -> constants.put(t.getName(), t));
    int found = 0;
    for (NodeProto node : model.getGraph().getNodeList()) {
      if (!Set.of("QuantizeLinear", "DequantizeLinear").contains(node.getOpType())) {
        continue;
      }
      found++;
      TensorProto scale = constants.get(node.getInput(1));
      TensorProto zero = constants.get(node.getInput(2));
      for (float s : floats(scale)) {
        assertTrue(s > 0, node.getName());
      }
      assertEquals(TensorProto.DataType.INT8_VALUE, zero.getDataType(), node.getName());
      for (byte z : zero.getRawData().toByteArray()) {
        assertEquals(0, z, node.getName());
      }
      TensorProto weights = constants.get(node.getInput(0));
      if (weights == null) {
        assertEquals(1, floats(scale).length, node.getName());
      } else {
        assertEquals(TensorProto.DataType.INT8_VALUE, weights.getDataType(), node.getName());
        for (byte w : weights.getRawData().toByteArray()) {
          assertTrue(w >= -127, node.getName());
        }
      }
    }
    assertTrue(found > 10, "only " + found);
  }

  private static float[] floats(TensorProto tensor) {
    Tensor read = new TensorReader(ExternalData.none()).read(tensor);
    assertEquals(DataType.F32, read.type());
    return read.toFloats();
  }

  static Stream<QConfig> refused() {
    return Stream.of(QConfig.auto(), QConfig.fbgemm(), QConfig.onednn(), with(Activations.AFFINE));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refused")
  void whatTensorRtRefusesIsNotWritten(QConfig qconfig) throws IOException {
    Graph graph = new Written(new Net("r", SmallNets.fp32(3)), qconfig, TENSORRT).quantized();
    Unsupported e =
        assertThrows(Unsupported.class, () -> Onnx.toBytes(graph, ModelMetadata.NONE, TENSORRT));
    assertTrue(e.getMessage().contains("Linear \""), e::getMessage);
    assertTrue(e.getMessage().contains("must be s8"), e::getMessage);
  }

  @Test
  void weightsOfMinus128AreNotWrittenForTensorRt() throws IOException {
    QConfig qconfig = QConfig.fbgemm().toBuilder().activations(Activations.SYMMETRIC).build();
    Graph graph = new Written(new Net("r", SmallNets.fp32(3)), qconfig, TENSORRT).quantized();
    Unsupported e =
        assertThrows(Unsupported.class, () -> Onnx.toBytes(graph, ModelMetadata.NONE, TENSORRT));
    assertTrue(e.getMessage().contains("is -128"), e::getMessage);
  }

  @Test
  void tensorRtReadsNoOperatorsOverIntegers() {
    assertThrows(IllegalArgumentException.class, () -> TENSORRT.format(Format.QOPERATOR));
  }
}
