package io.octet.quant;

import static io.octet.nn.Layers.adaptiveAvgPool2d;
import static io.octet.nn.Layers.avgPool2d;
import static io.octet.nn.Layers.batchNorm2d;
import static io.octet.nn.Layers.concat;
import static io.octet.nn.Layers.conv2d;
import static io.octet.nn.Layers.flatten;
import static io.octet.nn.Layers.linear;
import static io.octet.nn.Layers.maxPool2d;
import static io.octet.nn.Layers.named;
import static io.octet.nn.Layers.relu;
import static io.octet.nn.Layers.residual;
import static io.octet.nn.Layers.sequential;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Convolution;
import io.octet.graph.op.Product;
import io.octet.graph.op.Unary;
import io.octet.graph.op.ValueInfo;
import io.octet.io.CalibrationFile;
import io.octet.nn.Layer;
import io.octet.onnx.Onnx;
import io.octet.quant.CalibrationTable.Entry;
import io.octet.quant.CalibrationTable.FloatNode;
import io.octet.quant.QConfig.Activations;
import io.octet.quant.QConfig.Preset;
import io.octet.quant.QConfig.WeightScales;
import io.octet.quant.observe.ObserverKind;
import io.octet.runtime.Calibrator;
import io.octet.runtime.FallbackPolicy;
import io.octet.runtime.NodeReport;
import io.octet.runtime.Session;
import io.octet.runtime.SessionOptions;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.Machine;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Configurations of whole graphs and of single nodes: how they are made, named, kept and obeyed.
final class QConfigTest {
  private static final long SEED = Long.getLong("test.seed", 5);
  private static final NodeConfig FP32 = NodeConfig.fp32();

  @TempDir private Path folder;

  // ---- building and naming

  @Test
  void aBuilderStartsFromAPresetAndChangesNothingElse() {
    QConfig fbgemm = QConfig.fbgemm();
    assertEquals(fbgemm, fbgemm.toBuilder().build());
    QConfig other =
        fbgemm.toBuilder()
            .observer(ObserverKind.MIN_MAX)
            .activations(Activations.AFFINE)
            .weights(WeightScales.PER_TENSOR)
            .node("fc", FP32)
            .build();
    assertEquals(
        new QConfig(
            Preset.FBGEMM,
            ObserverKind.MIN_MAX,
            Activations.AFFINE,
            WeightScales.PER_TENSOR,
            false,
            List.of(new QConfig.Rule.Named("fc", FP32))),
        other);
    assertEquals(QConfig.fbgemm(), fbgemm, "the first one stays");
    assertEquals("fbgemm", fbgemm.toString());
    assertEquals(
        "fbgemm (observer min_max, activations affine, weights per_tensor, 1 rule for nodes)",
        other.toString());
  }

  @Test
  void namedReadsWhateverItEverRead() {
    for (QConfig preset :
        List.of(QConfig.auto(), QConfig.fbgemm(), QConfig.x86(), QConfig.onednn())) {
      String word = preset.preset().word();
      assertEquals(preset, QConfig.named(word));
      assertEquals(preset.toBuilder().fx().build(), QConfig.named(word + "-fx"));
      for (ObserverKind kind : List.of(ObserverKind.MIN_MAX, ObserverKind.MOVING_AVERAGE)) {
        QConfig.Builder other = preset.toBuilder().observer(kind);
        String end = kind == ObserverKind.MIN_MAX ? "-min_max" : "-moving_average";
        assertEquals(other.build(), QConfig.named(word + end));
        assertEquals(other.fx().build(), QConfig.named(word + "-fx" + end));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-",
        "qnnpack",
        "FBGEMM",
        "fx",
        "auto-",
        "auto-histogram",
        "auto-fx-fx",
        "fbgemm-min_max-fx",
        "x86-min_max-min_max",
        "onednn-fx-",
        "auto-min-max"
      })
  void andNothingElse(String name) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> QConfig.named(name));
    assertEquals(
        "no qconfig is called \"" + name + "\"; there are auto, fbgemm, x86 and onednn",
        e.getMessage());
  }

  @Test
  void aLaterRuleHoldsAndLeavesTheRestToTheEarlierOne() {
    NodeConfig.Int8 minMax = NodeConfig.int8().observer(ObserverKind.MIN_MAX);
    NodeConfig.Int8 perTensor = NodeConfig.int8().weights(WeightScales.PER_TENSOR);
    assertEquals(FP32, minMax.then(FP32));
    assertEquals(perTensor, FP32.then(perTensor));
    assertEquals(minMax.weights(WeightScales.PER_TENSOR), minMax.then(perTensor));
    NodeConfig.Int8 histogram = NodeConfig.int8().observer(ObserverKind.HISTOGRAM);
    assertEquals(histogram, minMax.then(histogram));
  }

  // ---- networks

  private static Graph net() {
    return sequential(
            named("stem", conv2d(3, 8, 3).padding(1)),
            named("bn", batchNorm2d(8)),
            named("stem_relu", relu()),
            named("first", residual(block("a"))),
            named("sum1", relu()),
            named("second", residual(block("b"))),
            named("sum2", relu()),
            named("max", maxPool2d(2)),
            named(
                "cat",
                concat(
                    named("left", conv2d(8, 4, 1)),
                    named(
                        "",
                        sequential(
                            named("right", conv2d(8, 4, 3).padding(1)),
                            named("right_relu", relu()))))),
            named("avg", avgPool2d(2)),
            named("join", conv2d(8, 8, 1)),
            named("gap", adaptiveAvgPool2d(1)),
            named("flatten", flatten()),
            named("fc", linear(8, 5)))
        .seed(SEED)
        .input(3, 8, 8);
  }

  private static Layer block(String name) {
    return named(
        "",
        sequential(
            named(name + "1", conv2d(8, 8, 3).padding(1)),
            named(name + "_relu", relu()),
            named(name + "2", conv2d(8, 8, 3).padding(1))));
  }

  /// A product with weights of rank 2 on data of rank 3 stays a MatMul, whose bias is an Add.
  private static Graph product() {
    Random random = new Random(SEED);
    return new Graph(
        "product",
        List.of(new ValueInfo("x", DataType.F32, Shape.batched("N", 3, 6))),
        List.of(new ValueInfo("y", DataType.F32, Shape.batched("N", 3, 4))),
        Map.of("w", random(random, Shape.of(6, 4)), "b", random(random, Shape.of(4))),
        List.of(
            new Node("matmul", new Product.MatMul(), List.of("x", "w"), "p"),
            new Node("add", new Binary.Add(), List.of("p", "b"), "s"),
            new Node("relu", new Unary.Relu(), List.of("s"), "y")));
  }

  private static Tensor random(Random random, Shape shape) {
    float[] values = new float[Math.toIntExact(shape.elements())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.of(values, shape.sizes());
  }

  private static Map<String, Tensor> sample(Graph net, long seed) {
    ValueInfo input = net.inputs().getFirst();
    return Map.of(input.name(), random(new Random(seed), input.shape().bind(Map.of("N", 4L))));
  }

  private static CalibrationTable calibrate(Graph net, QConfig qconfig) {
    var batches = IntStream.range(0, 4).mapToObj(i -> sample(net, SEED + i)).iterator();
    return Calibrator.calibrate(net, qconfig, batches);
  }

  private static Map<String, String> floats(CalibrationTable table) {
    Map<String, String> reasons = new LinkedHashMap<>();
    for (FloatNode node : table.floatNodes()) {
      reasons.put(node.node(), node.reason());
    }
    return reasons;
  }

  private static Entry entry(CalibrationTable table, String value) {
    return table.values().stream().filter(e -> e.value().equals(value)).findFirst().orElseThrow();
  }

  /// Runs where no node may fall back, and comes near to the float network.
  private static List<NodeReport> run(Graph net, Graph int8, boolean exact) {
    FallbackPolicy policy = Machine.hasInt8() ? FallbackPolicy.FAIL : FallbackPolicy.ALLOW;
    SessionOptions options =
        SessionOptions.builder()
            .checks(c -> c.fallback(policy))
            .kernels(k -> k.exact(exact))
            .build();
    Map<String, Tensor> inputs = sample(net, SEED);
    String output = net.outputs().getFirst().name();
    try (Session f = Session.open(net);
        Session q = Session.open(int8, options);
        Arena arena = Arena.ofConfined()) {
      float[] expected = f.run(inputs, arena).get(output).toFloats();
      float[] actual = q.run(inputs, arena).get(output).toFloats();
      float most = 0;
      for (float v : expected) {
        most = Math.max(most, Math.abs(v));
      }
      assertArrayEquals(expected, actual, 0.1f * most, () -> "-Dtest.seed=" + SEED);
      return q.explain();
    }
  }

  // ---- FP32

  static List<String> names() {
    return net().nodes().stream().map(Node::name).toList();
  }

  /// Whichever node it is: nothing else falls back for it, and the answers stay near.
  @ParameterizedTest
  @MethodSource("names")
  void anyNodeMayBeToldToStayFp32(String name) {
    Graph net = net();
    CalibrationTable table = calibrate(net, QConfig.auto().toBuilder().node(name, FP32).build());
    String told = name.equals("bn") ? "stem" : name;
    assertEquals("told so by the qconfig", floats(table).get(told), table.floatNodes()::toString);
    Graph int8 = Quantizer.convert(net, table);
    for (boolean exact : new boolean[] {false, true}) {
      for (NodeReport row : run(net, int8, exact)) {
        // Values that are only put side by side may as well be rounded before.
        if (row.name().equals(told) && !row.op().equals("Concat")) {
          assertEquals("fp32", row.dtype(), row::toString);
          assertEquals("not_quantized", row.fallback().code(), row::toString);
        }
      }
    }
  }

  @Test
  void someOfThemMayBeAtOnce() {
    Random random = new Random(SEED);
    Graph net = net();
    for (int round = 0; round < 8; round++) {
      QConfig.Builder builder = QConfig.fbgemm().toBuilder();
      Set<String> some =
          names().stream().filter(_ -> random.nextInt(3) == 0).collect(Collectors.toSet());
      some.forEach(name -> builder.node(name, FP32));
      CalibrationTable table = calibrate(net, builder.build());
      run(net, Quantizer.convert(net, table), round % 2 == 0);
    }
  }

  @Test
  void allInFp32IsTheNetworkItself() {
    Graph net = net();
    QConfig nothing = QConfig.auto().toBuilder().node(_ -> true, FP32).build();
    CalibrationTable table = calibrate(net, nothing);
    assertEquals(List.of(), table.values());
    Graph same = Quantizer.convert(net, table);
    assertTrue(same.nodes().stream().noneMatch(n -> n.op().name().contains("Quantize")));
    QConfig one =
        nothing.toBuilder().node(n -> n.op() instanceof Product, NodeConfig.int8()).build();
    assertFalse(floats(calibrate(net, one)).containsKey("fc"));
  }

  @Test
  void anFp32LayerReadsWhatWasNeverRounded() {
    Graph net =
        sequential(
                named("one", conv2d(3, 4, 1)),
                named("relu", relu()),
                named("two", conv2d(4, 4, 1)),
                named("three", conv2d(4, 2, 1)))
            .seed(SEED)
            .input(3, 4, 4);
    CalibrationTable table = calibrate(net, QConfig.auto().toBuilder().node("two", FP32).build());
    Graph graph = Quantizer.convert(net, table);
    assertEquals(
        List.of("input", "two", "output"), table.values().stream().map(Entry::value).toList());
    assertEquals(List.of("relu", "two.weight", "two.bias"), graph.producer("two").inputs());
    assertEquals("relu", graph.producer("relu").name());
    assertEquals("two_dq", graph.producer("output_f").input(0), graph.nodes()::toString);
    assertEquals(Map.of("two", "told so by the qconfig"), floats(table));
  }

  @Test
  void whatStandsBeforeAnFp32LayerStaysFloatUpToTheLayersThatMakeItsData() {
    Graph net = net();
    QConfig qconfig = QConfig.auto().toBuilder().node("fc", FP32).build();
    CalibrationTable table = calibrate(net, qconfig);
    assertEquals(
        Map.of(
            "gap", "\"flatten\" reads it, in FP32",
            "flatten", "\"fc\" reads it, in FP32",
            "fc", "told so by the qconfig"),
        floats(table));
    assertEquals(table.floatNodes(), Quantizer.floatNodes(net, qconfig));
  }

  @ParameterizedTest
  @ValueSource(strings = {"matmul", "add", "relu"})
  void aGroupIsToldByTheNameOfAnyOfItsNodes(String name) {
    Graph net = product();
    CalibrationTable table = calibrate(net, QConfig.auto().toBuilder().node(name, FP32).build());
    assertEquals(Set.of("matmul", "add", "relu"), floats(table).keySet());
    assertEquals(
        List.of(new QConfig.Rule.Named("matmul", FP32)), table.qconfig().rules(), "once, by core");
    QConfig perTensor =
        QConfig.auto().toBuilder()
            .node(name, NodeConfig.int8().weights(WeightScales.PER_TENSOR))
            .build();
    Graph int8 = Quantizer.convert(net, calibrate(net, perTensor));
    assertEquals(Shape.of(), int8.constant("w_s").shape());
    run(net, int8, false);
  }

  @Test
  void anUnknownNameIsRefusedWithTheNearest() {
    QConfig qconfig = QConfig.auto().toBuilder().node("stem_rleu", FP32).build();
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Quantizer.calibration(net(), qconfig));
    assertTrue(
        e.getMessage()
            .startsWith("no node is called \"stem_rleu\"; the nearest are [\"stem_relu\", \""),
        e::getMessage);
  }

  // ---- observers, schemes, weights

  @Test
  void aNodeMayHaveAnotherObserverAndAnotherScheme() {
    Graph net = net();
    QConfig qconfig =
        QConfig.auto().toBuilder()
            .node("join", NodeConfig.int8().observer(ObserverKind.MIN_MAX))
            .node(
                n -> n.op() instanceof Product,
                NodeConfig.int8().activations(Activations.AFFINE_REDUCED))
            .build();
    CalibrationTable table = calibrate(net, qconfig);
    Entry join = entry(table, "join");
    assertEquals(0, join.histogram().counts().length);
    assertEquals(join.min(), join.low());
    assertEquals(List.of("gap", "flatten"), join.sharedBy());
    assertEquals(DataType.S8, join.params().type());
    Entry output = entry(table, "output");
    assertEquals(128, output.histogram().counts().length);
    assertEquals(DataType.U8, output.params().type());
    float step = (output.high() - output.low()) / 127;
    assertEquals(step, output.params().scale(), 1e-3f * step);
    run(net, Quantizer.convert(net, table), true);
  }

  @Test
  void whatAPoolIsToldHoldsForAllThatShareItsParameters() {
    QConfig qconfig =
        QConfig.auto().toBuilder()
            .node("gap", NodeConfig.int8().observer(ObserverKind.MIN_MAX))
            .build();
    assertEquals(0, entry(calibrate(net(), qconfig), "join").histogram().counts().length);
  }

  @Test
  void twoThatShareParametersCannotBeToldDifferentThings() {
    QConfig qconfig =
        QConfig.auto().toBuilder()
            .node("cat.left", NodeConfig.int8().observer(ObserverKind.MIN_MAX))
            .node("cat.right", NodeConfig.int8().observer(ObserverKind.MOVING_AVERAGE))
            .build();
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Quantizer.calibration(net(), qconfig));
    assertEquals(
        "\"cat.left\" and \"cat.right_relu\" make values with the same parameters, but are told"
            + " MIN_MAX and MOVING_AVERAGE",
        e.getMessage());
  }

  @Test
  void weightsMayHaveOneScale() {
    Graph net = net();
    QConfig qconfig =
        QConfig.onednn().toBuilder()
            .node(
                n -> n.op() instanceof Convolution,
                NodeConfig.int8().weights(WeightScales.PER_TENSOR))
            .build();
    Graph int8 = Quantizer.convert(net, calibrate(net, qconfig));
    float most = 0;
    for (float w : net.constant("join.weight").toFloats()) {
      most = Math.max(most, Math.abs(w));
    }
    assertEquals(Shape.of(), int8.constant("join.weight_s").shape());
    assertEquals(Shape.of(), int8.constant("join.bias_s").shape());
    assertEquals(most / 127.5f, int8.constant("join.weight_s").toFloats()[0]);
    assertEquals(Shape.of(5), int8.constant("fc.weight_s").shape());
    for (boolean exact : new boolean[] {false, true}) {
      for (NodeReport row : run(net, int8, exact)) {
        boolean layer = row.op().equals("Conv") || row.op().equals("Gemm");
        assertTrue(!layer || !Machine.hasInt8() || row.dtype().equals("int8"), row::toString);
      }
    }
    QConfig whole = QConfig.auto().toBuilder().weights(WeightScales.PER_TENSOR).build();
    int8 = Quantizer.convert(net, calibrate(net, whole));
    assertEquals(Shape.of(), int8.constant("fc.weight_s").shape());
    run(net, int8, false);
  }

  @Test
  void oneScaleIsRaisedForTheBiasThatNeedsMost() {
    float[] weights = {1e-3f, 1e-3f, -2e-3f, 0};
    float[] bias = {1, 2e6f, 3e6f, -1};
    IntegerLayer.Source source =
        new IntegerLayer.Source("conv", "w", Tensor.of(weights, 4, 1), 0, bias);
    QConfig qconfig = QConfig.auto().toBuilder().weights(WeightScales.PER_TENSOR).build();
    IntegerLayer layer = IntegerLayer.quantize(source, 1e-3f, qconfig);
    assertEquals(1, layer.scales().length);
    assertEquals(1, layer.raised().size());
    assertEquals(2, layer.raised().getFirst().channel());
    assertEquals(2e-3f / 127, layer.raised().getFirst().from());
    for (int c = 0; c < 4; c++) {
      double real = layer.bias()[c] * (double) layer.biasScales()[0];
      assertEquals(bias[c], real, Math.abs(bias[c]) * 1e-3 + layer.biasScales()[0]);
    }
  }

  // ---- tables

  @Test
  void aTableKeepsWhatNodesWereTold() throws IOException {
    Graph net = net();
    QConfig qconfig =
        QConfig.fbgemm().toBuilder()
            .observer(ObserverKind.MOVING_AVERAGE)
            .fx()
            .node("first.a1", FP32)
            .node(
                n -> n.name().equals("cat.right"),
                NodeConfig.int8()
                    .observer(ObserverKind.MIN_MAX)
                    .activations(Activations.AFFINE)
                    .weights(WeightScales.PER_TENSOR))
            .build();
    CalibrationTable table = calibrate(net, qconfig);
    Path file = folder.resolve("table.json");
    CalibrationFile.write(file, table);
    CalibrationTable read = CalibrationFile.read(file);
    assertEquals(table, read);
    byte[] expected = Onnx.toBytes(Quantizer.convert(net, table, qconfig));
    assertArrayEquals(expected, Onnx.toBytes(Quantizer.convert(net, read)));
    assertEquals(2, read.qconfig().rules().size(), read.qconfig()::toString);
    assertThrows(
        IllegalArgumentException.class, () -> Quantizer.convert(net, read, QConfig.fbgemm()));
  }

  @Test
  void aTableOfBeforeIsRead() throws IOException {
    Graph net = net();
    QConfig qconfig = QConfig.onednn().toBuilder().fx().observer(ObserverKind.MIN_MAX).build();
    CalibrationTable table = calibrate(net, qconfig);
    Path file = folder.resolve("old.json");
    CalibrationFile.write(file, calibrate(net, QConfig.onednn()));
    String text = Files.readString(file);
    assertTrue(text.contains("\"qconfig\" : \"onednn\""), "a preset is a word, as it was");
    CalibrationFile.write(file, table);
    text = Files.readString(file);
    int at = text.indexOf("\"qconfig\" : {");
    int end = text.indexOf('}', at) + 1;
    String old =
        text.substring(0, at) + "\"qconfig\" : \"onednn-fx-min_max\"" + text.substring(end);
    Files.writeString(file, old);
    assertEquals(table, CalibrationFile.read(file));
  }
}
