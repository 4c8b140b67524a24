package io.octet.quant;

import static io.octet.nn.Layers.adaptiveAvgPool2d;
import static io.octet.nn.Layers.avgPool2d;
import static io.octet.nn.Layers.batchNorm2d;
import static io.octet.nn.Layers.concat;
import static io.octet.nn.Layers.conv2d;
import static io.octet.nn.Layers.flatten;
import static io.octet.nn.Layers.hardswish;
import static io.octet.nn.Layers.identity;
import static io.octet.nn.Layers.linear;
import static io.octet.nn.Layers.maxPool2d;
import static io.octet.nn.Layers.relu;
import static io.octet.nn.Layers.relu6;
import static io.octet.nn.Layers.residual;
import static io.octet.nn.Layers.sequential;
import static io.octet.nn.Layers.sigmoid;
import static io.octet.nn.Layers.softmax;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.OctetException.InvalidModel;
import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.ShapeInference;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Normalization;
import io.octet.graph.op.Product;
import io.octet.graph.op.Quantization;
import io.octet.graph.op.Unary;
import io.octet.graph.op.ValueInfo;
import io.octet.nn.Layer;
import io.octet.quant.CalibrationTable.Entry;
import io.octet.quant.CalibrationTable.FloatNode;
import io.octet.quant.CalibrationTable.RaisedScale;
import io.octet.quant.observe.ObserverKind;
import io.octet.runtime.Calibrator;
import io.octet.runtime.Session;
import io.octet.tensor.DataType;
import io.octet.tensor.Dim;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What the conversion writes, rule by rule.
final class ConversionTest {
  private static CalibrationTable calibrate(Graph graph, QConfig qconfig) {
    Random random = new Random(11);
    ValueInfo input = graph.inputs().getFirst();
    Shape shape = input.shape().bind(Map.of("N", 4L));
    var batches =
        IntStream.range(0, 4).mapToObj(_ -> Map.of(input.name(), random(random, shape))).iterator();
    return Calibrator.calibrate(graph, qconfig, batches);
  }

  private static Tensor random(Random random, Shape shape) {
    float[] values = new float[Math.toIntExact(shape.elements())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.of(values, shape.sizes());
  }

  private static Graph converted(Graph graph, QConfig qconfig) {
    return Quantizer.convert(graph, calibrate(graph, qconfig));
  }

  private static Graph net(Layer... layers) {
    return sequential(layers).seed(3).input(3, 8, 8);
  }

  /// The nodes as "Relu(1) -> 1_f".
  private static List<String> lines(Graph graph) {
    return graph.nodes().stream()
        .map(n -> n.op().name() + "(" + n.input(0) + ") -> " + n.output())
        .toList();
  }

  private static String scaleOf(Graph graph, String value) {
    Node dequantize = graph.producer(value);
    assertTrue(dequantize.op() instanceof Quantization.DequantizeLinear, value);
    return dequantize.input(1);
  }

  private static Map<String, QuantParams> params(CalibrationTable table) {
    Map<String, QuantParams> params = new LinkedHashMap<>();
    for (Entry entry : table.values()) {
      params.put(entry.value(), entry.params());
      entry.sharedBy().forEach(v -> params.put(v, entry.params()));
    }
    return params;
  }

  @Test
  void aLayerStandsBetweenQuantizeAndDequantize() {
    Graph graph =
        converted(net(conv2d(3, 4, 3), relu(), flatten(), linear(144, 5)), QConfig.auto());
    assertEquals(
        List.of(
            "QuantizeLinear(input) -> input_q",
            "DequantizeLinear(input_q) -> input_dq",
            "DequantizeLinear(0.weight_q) -> 0.weight",
            "DequantizeLinear(0.bias_q) -> 0.bias",
            "Conv(input_dq) -> 0",
            "Relu(0) -> 1_f",
            "QuantizeLinear(1_f) -> 1_q",
            "DequantizeLinear(1_q) -> 1",
            "Flatten(1) -> 2_f",
            "QuantizeLinear(2_f) -> 2_q",
            "DequantizeLinear(2_q) -> 2",
            "DequantizeLinear(3.weight_q) -> 3.weight",
            "DequantizeLinear(3.bias_q) -> 3.bias",
            "Gemm(2) -> output_f",
            "QuantizeLinear(output_f) -> output_q",
            "DequantizeLinear(output_q) -> output"),
        lines(graph));
    assertEquals("[input f32[N,3,8,8]]", graph.inputs().toString());
    assertEquals("[output f32[N,5]]", graph.outputs().toString());
    assertEquals(List.of("input_dq", "0.weight", "0.bias"), graph.producer("0").inputs());
    ShapeInference.infer(graph);
  }

  @Test
  void weightsAreInt8PerChannelAndBiasesInt32AtTheProductOfScales() {
    Graph net = net(conv2d(3, 4, 3), flatten(), linear(144, 5));
    CalibrationTable table = calibrate(net, QConfig.auto());
    Graph graph = Quantizer.convert(net, table);
    float inputScale = params(table).get("input").scale();
    float[] weights = net.constant("0.weight").toFloats();
    float[] bias = net.constant("0.bias").toFloats();
    float[] scales = graph.constant("0.weight_s").toFloats();
    byte[] integers = graph.constant("0.weight_q").toBytes();
    int[] biases = graph.constant("0.bias_q").toInts();
    float[] biasScales = graph.constant("0.bias_s").toFloats();
    for (int c = 0; c < 4; c++) {
      float most = 0;
      for (int i = c * 27; i < (c + 1) * 27; i++) {
        most = Math.max(most, Math.abs(weights[i]));
        assertEquals((int) Math.rint(weights[i] / scales[c]), integers[i]);
      }
      assertEquals(most / 127f, scales[c]);
      assertEquals(inputScale * scales[c], biasScales[c]);
      assertEquals((int) Math.rint(bias[c] / biasScales[c]), biases[c]);
    }
    Node weight = graph.producer("0.weight");
    assertEquals(new Quantization.DequantizeLinear(0), weight.op());
    assertArrayEquals(new byte[4], graph.constant(weight.input(2)).toBytes());
    assertEquals(2, graph.producer("0.bias").inputs().size());
  }

  @Test
  void bothInputsOfASumAreQuantizedAndItsReluBelongsToIt() {
    Graph graph =
        converted(net(conv2d(3, 4, 1), residual(conv2d(4, 4, 1)), relu()), QConfig.auto());
    Node add = graph.producer("1.add");
    assertEquals(List.of("1.body", "0"), add.inputs());
    for (String input : add.inputs()) {
      assertTrue(graph.producer(input).op() instanceof Quantization.DequantizeLinear);
    }
    assertTrue(graph.consumers("1.add").getFirst().op() instanceof Unary.Relu);
  }

  @Test
  void valuesAreCarriedThroughWithTheirParameters() {
    Graph net =
        net(
            conv2d(3, 4, 3),
            relu(),
            maxPool2d(2),
            avgPool2d(2),
            adaptiveAvgPool2d(1),
            flatten(),
            linear(4, 2));
    CalibrationTable table = calibrate(net, QConfig.auto());
    Graph graph = Quantizer.convert(net, table);
    for (String carried : List.of("2", "3", "4", "5")) {
      assertEquals("1_s", scaleOf(graph, carried));
      assertEquals(DataType.U8, params(table).get(carried).type());
    }
    assertEquals(List.of("input", "1", "output"), observed(net, QConfig.auto()));
    assertEquals(List.of("2", "3", "4", "5"), table.values().get(1).sharedBy());
  }

  private static List<String> observed(Graph graph, QConfig qconfig) {
    return Quantizer.calibration(graph, qconfig).observed();
  }

  @Test
  void fxShowsSharedObserversEveryValue() {
    Graph net = net(conv2d(3, 4, 3), relu(), maxPool2d(2), flatten(), linear(36, 2));
    assertEquals(
        List.of("input", "1", "2", "3", "output"),
        observed(net, QConfig.fbgemm().toBuilder().fx().build()));
    assertEquals(List.of("input", "1", "output"), observed(net, QConfig.fbgemm()));
  }

  @Test
  void aConcatAndItsInputsShareOneObserver() {
    Graph net =
        net(
            conv2d(3, 4, 1),
            relu(),
            concat(identity(), maxPool2d(1), sequential(conv2d(4, 4, 1))),
            conv2d(12, 2, 1));
    CalibrationTable table = calibrate(net, QConfig.auto());
    Entry shared = table.values().get(1);
    assertEquals("1", shared.value());
    assertEquals(List.of("2.1", "2.2.0", "2.concat"), shared.sharedBy());
    assertEquals(DataType.S8, shared.params().type());
    assertEquals(List.of("input", "1", "2.2.0", "output"), observed(net, QConfig.auto()));
    assertEquals(
        List.of("input", "1", "2.1", "2.2.0", "2.concat", "output"),
        observed(net, QConfig.fbgemm().toBuilder().fx().build()));
    Graph graph = Quantizer.convert(net, table);
    for (String value : List.of("1", "2.1", "2.2.0", "2.concat")) {
      assertEquals("1_s", scaleOf(graph, value));
    }
  }

  @Test
  void autoTakesUnsignedBehindReluAndSymmetricElsewhere() {
    Graph net = net(conv2d(3, 4, 1), relu6(), conv2d(4, 4, 1), conv2d(4, 4, 1), relu());
    CalibrationTable table = calibrate(net, QConfig.auto());
    Map<String, QuantParams> params = params(table);
    for (Entry entry : table.values()) {
      assertEquals(0, entry.params().zeroPoint());
      boolean unsigned = entry.params().type() == DataType.U8;
      float most = Math.max(-entry.low(), entry.high());
      assertEquals(unsigned ? entry.high() / 255f : most / 127f, entry.params().scale());
    }
    assertEquals(DataType.S8, params.get("input").type());
    assertEquals(DataType.U8, params.get("1").type());
    assertEquals(DataType.S8, params.get("2").type());
    assertEquals(DataType.U8, params.get("output").type());
  }

  @Test
  void presetsUseTheirRangeOfUnsignedIntegers() {
    Graph net = net(conv2d(3, 4, 1), flatten(), linear(256, 3));
    for (Entry entry : calibrate(net, QConfig.fbgemm()).values()) {
      float span = Math.max(entry.high(), 0) - Math.min(entry.low(), 0);
      assertEquals(span / 127f, entry.params().scale());
    }
    for (Entry entry : calibrate(net, QConfig.onednn()).values()) {
      float span = Math.max(entry.high(), 0) - Math.min(entry.low(), 0);
      assertEquals(span / 255f, entry.params().scale());
      assertEquals(DataType.U8, entry.params().type());
    }
    assertEquals(calibrate(net, QConfig.fbgemm()).values(), calibrate(net, QConfig.x86()).values());
  }

  @Test
  void aReluWithoutALayerIsObservedByAutoAndCarriesInPresets() {
    Graph net = net(conv2d(3, 4, 1), maxPool2d(2), relu(), conv2d(4, 4, 1));
    assertEquals(List.of("input", "0", "2", "output"), observed(net, QConfig.auto()));
    assertEquals(DataType.U8, params(calibrate(net, QConfig.auto())).get("2").type());
    assertEquals(List.of("input", "0", "output"), observed(net, QConfig.fbgemm()));
    ShapeInference.infer(converted(net, QConfig.auto()));
    ShapeInference.infer(converted(net, QConfig.fbgemm()));
  }

  @Test
  void whatStaysFloatIsListedAndFed() {
    Graph net =
        net(
            conv2d(3, 4, 1),
            hardswish(),
            maxPool2d(2),
            conv2d(4, 4, 1),
            sigmoid(),
            batchNorm2d(4),
            relu(),
            flatten(),
            linear(64, 3),
            softmax(1));
    CalibrationTable table = calibrate(net, QConfig.auto());
    assertEquals(
        List.of("4", "5", "6", "9"), table.floatNodes().stream().map(FloatNode::node).toList());
    assertEquals(
        "no quantized operator reads what it makes", table.floatNodes().getFirst().reason());
    assertEquals(table.floatNodes(), Quantizer.floatNodes(net, QConfig.auto()));
    Graph graph = Quantizer.convert(net, table);
    assertEquals(List.of("0"), graph.producer("1_f").inputs());
    assertEquals(List.of("1"), graph.producer("2_f").inputs());
    assertEquals(List.of("6_dq"), graph.producer("7_f").inputs());
    assertEquals(DataType.U8, params(table).get("6").type());
    assertEquals("output", graph.outputs().getFirst().name());
    assertTrue(graph.producer("output").op() instanceof Normalization.Softmax);
  }

  @Test
  void poolingBetweenFloatsStaysFloat() {
    Graph net = net(sigmoid(), maxPool2d(2), softmax(1));
    Graph graph = converted(net, QConfig.auto());
    assertEquals(net.nodes(), graph.nodes());
  }

  @Test
  void anInputThatIsPooledFirstIsQuantizedFirst() {
    Graph graph = converted(net(maxPool2d(2), conv2d(3, 4, 1)), QConfig.auto());
    assertEquals(List.of("input_dq"), graph.producer("0_f").inputs());
    assertEquals("input_s", scaleOf(graph, "0"));
  }

  @Test
  void aValueThatIsAnOutputAndReadOnIsBoth() {
    Graph net = net(conv2d(3, 4, 1), conv2d(4, 4, 1));
    ValueInfo inner = new ValueInfo("0", DataType.F32, Shape.batched("N", 4, 8, 8));
    Graph both = net.withOutputs(List.of(inner, net.outputs().getFirst()));
    Graph graph = converted(both, QConfig.auto());
    assertEquals(both.outputs(), graph.outputs());
    assertEquals("0", graph.producer("output_f").input(0));
  }

  @Test
  void aProductOfSequencesHasScalesForItsColumnsAndKeepsItsSum() {
    Graph net =
        new Graph(
            "sequence",
            List.of(new ValueInfo("x", DataType.F32, Shape.batched("N", 5, 2))),
            List.of(new ValueInfo("r", DataType.F32, Shape.batched("N", 5, 3))),
            new LinkedHashMap<>(
                Map.of(
                    "w",
                    Tensor.of(new float[] {1, 20, 300, 4, 50, 600}, 2, 3),
                    "c",
                    Tensor.of(new float[] {1, 2, 3}, 3))),
            List.of(
                new Node("m", new Product.MatMul(), List.of("x", "w"), "m"),
                new Node("a", new Binary.Add(), List.of("m", "c"), "a"),
                new Node("r", new Unary.Relu(), List.of("a"), "r")));
    Graph graph = converted(net, QConfig.auto());
    assertEquals(new Quantization.DequantizeLinear(1), graph.producer("w").op());
    assertArrayEquals(
        new float[] {4 / 127f, 50 / 127f, 600 / 127f}, graph.constant("w_s").toFloats());
    assertEquals(List.of("m", "c"), graph.producer("a").inputs());
    assertEquals(DataType.S32, graph.constant("c_q").type());
    assertEquals("a", graph.producer("r_f").input(0));
    assertAgrees(net, graph, Shape.of(2, 5, 2));
  }

  private static Graph product(Shape x, float[] term, long... shape) {
    Shape made = new Shape(x.dims().subList(0, x.rank() - 1));
    List<Dim> dims = new ArrayList<>(made.dims());
    dims.add(new Dim.Fixed(3));
    return new Graph(
        "product",
        List.of(new ValueInfo("x", DataType.F32, x)),
        List.of(new ValueInfo("a", DataType.F32, new Shape(dims))),
        new LinkedHashMap<>(
            Map.of(
                "w",
                Tensor.of(new float[] {1, 20, 300, 4, 50, 600}, 2, 3),
                "c",
                Tensor.of(term, shape))),
        List.of(
            new Node("m", new Product.MatMul(), List.of("x", "w"), "m"),
            new Node("a", new Binary.Add(), List.of("c", "m"), "a")));
  }

  static Stream<Tensor> biases() {
    float[] three = {1, 2, 3};
    float[] one = {2};
    return Stream.of(
        Tensor.of(three, 3),
        Tensor.of(three, 1, 3),
        Tensor.of(three, 1, 1, 3),
        Tensor.of(one),
        Tensor.of(one, 1),
        Tensor.of(one, 1, 1));
  }

  /// Exporters write one bias in each of these forms.
  @ParameterizedTest(name = "{0}")
  @MethodSource("biases")
  void whatAddsOneNumberToEachColumnIsTheBias(Tensor bias) {
    Graph net = product(Shape.batched("N", 5, 2), bias.toFloats(), bias.shape().sizes());
    CalibrationTable table = calibrate(net, QConfig.auto());
    assertEquals(List.of("x", "a"), table.values().stream().map(Entry::value).toList());
    assertEquals(List.of(), table.floatNodes());
    Graph graph = Quantizer.convert(net, table);
    assertEquals("m", graph.producer("a_f").input(1));
    assertEquals(DataType.S32, graph.constant("c_q").type());
    assertEquals(Shape.of(3), graph.constant("c_q").shape());
    assertEquals("MatMul", graph.producer("m").op().name());
    assertAgrees(net, graph, Shape.of(2, 5, 2));
    try (Session session = Session.open(graph)) {
      assertFalse(
          session.explain().stream().anyMatch(row -> row.op().equals("Add")),
          session.explain()::toString);
    }
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"1,5,3", "5,1", "1,1,1,3"})
  void whatAddsMoreThanThatIsNoBias(String sizes) {
    long[] shape = Stream.of(sizes.split(",")).mapToLong(Long::parseLong).toArray();
    float[] term = new float[Math.toIntExact(Shape.of(shape).elements())];
    Graph net = product(Shape.batched("N", 5, 2), term, shape);
    CalibrationTable table = calibrate(net, QConfig.auto());
    assertEquals(List.of("x", "m"), table.values().stream().map(Entry::value).toList());
    assertEquals(List.of("a"), table.floatNodes().stream().map(FloatNode::node).toList());
    assertAgrees(net, Quantizer.convert(net, table), Shape.of(2, 5, 2));
  }

  @Test
  void layersThatShareWeightsHaveTheirOwnIntegers() {
    Graph one = net(conv2d(3, 3, 1), conv2d(3, 3, 1));
    List<Node> nodes = new ArrayList<>();
    for (Node node : one.nodes()) {
      nodes.add(
          new Node(
              node.name(), node.op(), List.of(node.input(0), "0.weight", "0.bias"), node.output()));
    }
    Graph tied = one.with(one.initializers(), nodes);
    Graph graph = converted(tied, QConfig.auto());
    assertFalse(graph.producer("0_f").input(1).equals(graph.producer("output_f").input(1)));
    assertAgrees(tied, graph, Shape.of(2, 3, 8, 8));
  }

  @Test
  void aBiasThatDoesNotFitRaisesItsChannelsScale() {
    float[] weights = {1, 1e-9f, 0.5f, 0};
    Graph net =
        sequential(conv2d(1, 4, 1).weights(weights, new float[] {1, 1000, 0.5f, -1000}), flatten())
            .input(1, 2, 2);
    CalibrationTable table = calibrate(net, QConfig.fbgemm());
    List<RaisedScale> raised = table.raisedScales();
    assertEquals(List.of(1, 3), raised.stream().map(RaisedScale::channel).toList());
    assertEquals(List.of("0", "0"), raised.stream().map(RaisedScale::node).toList());
    Graph graph = Quantizer.convert(net, table);
    float[] scales = graph.constant("0.weight_s").toFloats();
    int[] bias = graph.constant("0.bias_q").toInts();
    float[] biasScales = graph.constant("0.bias_s").toFloats();
    for (RaisedScale r : raised) {
      assertEquals(0x1p-23f, r.from());
      assertEquals(r.to(), scales[r.channel()]);
      assertTrue(r.to() > r.from());
      float real = r.channel() == 1 ? 1000 : -1000;
      assertEquals(real, bias[r.channel()] * (double) biasScales[r.channel()], 1e-3);
      assertTrue(Math.abs((long) bias[r.channel()]) > Integer.MAX_VALUE / 2, "no more than needed");
    }
    assertEquals(1 / 127.5f, scales[0]);
    assertEquals(0.5f / 127.5f, scales[2]);
  }

  @Test
  void theSameTableGivesTheSameBytes() {
    Graph net = net(conv2d(3, 4, 3), batchNorm2d(4), relu(), residual(conv2d(4, 4, 1)), flatten());
    CalibrationTable table = calibrate(net, QConfig.auto());
    Graph a = Quantizer.convert(net, table);
    Graph b = Quantizer.convert(net, table);
    assertEquals(a.nodes(), b.nodes());
    assertEquals(List.copyOf(a.initializers().keySet()), List.copyOf(b.initializers().keySet()));
    a.initializers()
        .forEach((name, t) -> assertEquals(-1, t.data().mismatch(b.constant(name).data()), name));
    assertEquals(table, calibrate(net, QConfig.auto()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto", "fbgemm", "x86", "onednn", "auto-min_max", "fbgemm-fx"})
  void aConvertedNetworkAgreesWithItsFloatSelf(String qconfig) {
    Graph net =
        net(
            conv2d(3, 8, 3).padding(1).bias(false),
            batchNorm2d(8),
            relu(),
            residual(sequential(conv2d(8, 8, 3).padding(1).groups(2), relu6(), conv2d(8, 8, 1))),
            relu(),
            concat(maxPool2d(2), avgPool2d(2), sequential(conv2d(8, 4, 2).stride(2))),
            hardswish(),
            adaptiveAvgPool2d(1),
            flatten(),
            linear(20, 6));
    assertAgrees(net, converted(net, QConfig.named(qconfig)), Shape.of(4, 3, 8, 8));
  }

  private static void assertAgrees(Graph real, Graph quantized, Shape shape) {
    Tensor x = random(new Random(11), shape);
    Map<String, Tensor> inputs = Map.of(real.inputs().getFirst().name(), x);
    String name = real.outputs().getFirst().name();
    try (Session a = Session.open(real);
        Session b = Session.open(quantized);
        Arena arena = Arena.ofConfined()) {
      float[] expected = a.run(inputs, arena).get(name).toFloats();
      float[] actual = b.run(inputs, arena).get(name).toFloats();
      double signal = 0;
      double noise = 0;
      for (int i = 0; i < expected.length; i++) {
        signal += (double) expected[i] * expected[i];
        noise += Math.pow(expected[i] - actual[i], 2);
      }
      double decibels = 10 * Math.log10(signal / noise);
      assertTrue(decibels > 20, "signal to quantization noise is " + decibels + " dB");
    }
  }

  @Test
  void tablesAndGraphsThatDoNotBelongTogetherAreRefused() {
    Graph net = net(conv2d(3, 4, 1));
    CalibrationTable table = calibrate(net, QConfig.auto());
    assertThrows(
        IllegalArgumentException.class, () -> Quantizer.convert(net, table, QConfig.fbgemm()));
    Graph other = net(conv2d(3, 4, 1), conv2d(4, 4, 1));
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Quantizer.convert(other, table));
    assertTrue(e.getMessage().contains("no entry for \"0\""), e::getMessage);
    Graph quantized = Quantizer.convert(net, table);
    assertThrows(
        IllegalArgumentException.class, () -> Quantizer.calibration(quantized, QConfig.auto()));
    assertThrows(IllegalArgumentException.class, () -> QConfig.named("qnnpack"));
  }

  @Test
  void calibrationRefusesWhatIsNoSample() {
    Graph net = net(sigmoid(), conv2d(3, 4, 1));
    Calibration calibration = Quantizer.calibration(net, QConfig.auto());
    assertThrows(IllegalStateException.class, calibration::table);
    float[] bad = new float[192];
    bad[7] = Float.NaN;
    Map<String, Tensor> nan = Map.of("input", Tensor.of(bad, 1, 3, 8, 8));
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> Calibrator.calibrate(net, QConfig.auto(), List.of(nan).iterator()));
    assertTrue(e.getMessage().contains("NaN in \"input\""), e::getMessage);
    Map<String, Tensor> fine = Map.of("input", Tensor.of(new float[192], 1, 3, 8, 8));
    IllegalArgumentException missing =
        assertThrows(IllegalArgumentException.class, () -> calibration.accept(fine, Map.of()));
    assertTrue(missing.getMessage().contains("needs \"0\""), missing::getMessage);
  }

  @Test
  void infinitiesInSamplesAreLeftOutWithAWarningThatNamesTheTensor() {
    Graph net = net(conv2d(3, 4, 1));
    float[] values = new float[192];
    values[0] = Float.POSITIVE_INFINITY;
    values[1] = 2;
    Map<String, Tensor> sample = Map.of("input", Tensor.of(values, 1, 3, 8, 8));
    Calibration calibration = Quantizer.calibration(net, QConfig.auto());
    Map<String, Tensor> outputs = Map.of("output", Tensor.of(new float[] {1, 2, 3, 4}, 1, 4, 1, 1));
    calibration.accept(sample, outputs);
    CalibrationTable table = calibration.table();
    assertEquals(List.of("infinities in \"input\" were left out of its range"), table.warnings());
    assertEquals(2, table.values().getFirst().max());
  }

  @Test
  void weightsThatAreNoNumbersAreRefusedByName() {
    Graph net =
        sequential(conv2d(1, 1, 1).weights(new float[] {Float.NaN}, new float[] {0}))
            .input(1, 1, 1);
    InvalidModel e =
        assertThrows(InvalidModel.class, () -> Quantizer.calibration(net, QConfig.auto()));
    assertTrue(e.getMessage().contains("\"0.weight\""), e::getMessage);
  }

  @Test
  void calibrationsOfPartsOfTheSamplesMerge() {
    Graph net = net(conv2d(3, 4, 1), relu());
    QConfig qconfig = QConfig.auto().toBuilder().observer(ObserverKind.MIN_MAX).build();
    Calibration whole = Quantizer.calibration(net, qconfig);
    Calibration first = Quantizer.calibration(net, qconfig);
    Calibration second = Quantizer.calibration(net, qconfig);
    Random random = new Random(2);
    try (Session session = Session.open(whole.graph())) {
      for (int i = 0; i < 6; i++) {
        Map<String, Tensor> in = Map.of("input", random(random, Shape.of(1, 3, 8, 8)));
        Map<String, Tensor> out = session.run(in, Arena.ofAuto());
        whole.accept(in, out);
        (i < 3 ? first : second).accept(in, out);
      }
    }
    first.merge(second);
    assertEquals(whole.table(), first.table());
    Calibration other = Quantizer.calibration(net, QConfig.auto());
    assertThrows(IllegalArgumentException.class, () -> first.merge(other));
  }
}
