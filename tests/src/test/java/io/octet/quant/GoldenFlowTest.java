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
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.ShapeInference;
import io.octet.graph.op.ValueInfo;
import io.octet.internal.pass.Prepare;
import io.octet.nn.Layer;
import io.octet.quant.CalibrationTable.Entry;
import io.octet.runtime.Calibrator;
import io.octet.runtime.Session;
import io.octet.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The whole flow, calibrate, convert, run, against PyTorch 2.13's own: scales within 1e-6, zero
/// points equal, weights equal, int8 results of every operator within one step.
final class GoldenFlowTest {
  /// One network under one flow of PyTorch.
  ///
  /// @param golden name of its golden files
  /// @param data name of the files with weights and inputs
  /// @param inputs name of the file with inputs
  /// @param values PyTorch's names of quantized tensors, and those of the graph
  private record Flow(
      String golden,
      String data,
      String inputs,
      QConfig qconfig,
      Graph graph,
      Map<String, String> values) {
    @Override
    public String toString() {
      return golden;
    }
  }

  static Stream<Flow> flows() {
    Map<String, String> tutorial =
        Map.of("input", "input", "conv", "relu", "pool", "pool", "fc", "output");
    Map<String, String> sums =
        Map.ofEntries(
            Map.entry("input", "input"),
            Map.entry("stem", "stem_relu"),
            Map.entry("conv1", "relu1"),
            Map.entry("conv2", "bn2"),
            Map.entry("add_relu", "sum_relu"),
            Map.entry("conv3", "second.bn3"),
            Map.entry("avg", "second.avg"),
            Map.entry("add", "second.add"),
            Map.entry("gap", "gap"),
            Map.entry("fc", "output"));
    Map<String, String> joined =
        Map.of(
            "input",
            "input",
            "left",
            "cat.left",
            "right",
            "cat.right_relu",
            "cat",
            "cat.concat",
            "join",
            "join",
            "gap",
            "gap",
            "fc",
            "output");
    QConfig fbgemm = QConfig.fbgemm();
    String t = "tutorial_data";
    String r = "residual_data";
    return Stream.of(
        new Flow("tutorial_fbgemm", t, t, fbgemm, tutorialNet(), tutorial),
        new Flow("tutorial_fx", t, t, fbgemm.toBuilder().fx().build(), tutorialNet(), tutorial),
        new Flow("residual_fbgemm", r, r, fbgemm, residualNet(), sums),
        new Flow("residual_fx", r, r, fbgemm.toBuilder().fx().build(), residualNet(), sums),
        new Flow(
            "concat_fx", "concat_data", r, fbgemm.toBuilder().fx().build(), concatNet(), joined));
  }

  static Graph tutorialNet() {
    Map<String, Tensor> w = Golden.arrays("tutorial_data");
    return sequential(
            conv("conv", conv2d(3, 16, 3).padding(1), w),
            named("relu", relu()),
            named("pool", maxPool2d(2)),
            named("flatten", flatten()),
            linearLayer("fc", 4096, w))
        .input(3, 32, 32);
  }

  static Graph residualNet() {
    Map<String, Tensor> w = Golden.arrays("residual_data");
    Layer block =
        named(
            "",
            sequential(
                conv("conv1", conv2d(8, 8, 3).padding(1), w),
                norm("bn1", w),
                named("relu1", relu()),
                conv("conv2", conv2d(8, 8, 3).padding(1), w),
                norm("bn2", w)));
    Layer half =
        named(
            "",
            sequential(
                conv("conv3", conv2d(8, 8, 3).stride(2).padding(1).groups(2), w), norm("bn3", w)));
    return sequential(
            conv("stem", conv2d(3, 8, 3).padding(1), w),
            norm("stem_bn", w),
            named("stem_relu", relu()),
            named("", residual(block)),
            named("sum_relu", relu()),
            named("second", residual(half, named("avg", avgPool2d(2)))),
            named("gap", adaptiveAvgPool2d(1)),
            named("flatten", flatten()),
            linearLayer("fc", 8, w))
        .input(3, 16, 16);
  }

  static Graph concatNet() {
    Map<String, Tensor> w = Golden.arrays("concat_data");
    return sequential(
            named(
                "cat",
                concat(
                    conv("left", conv2d(3, 4, 3).padding(1), w),
                    named(
                        "",
                        sequential(
                            conv("right", conv2d(3, 6, 1), w), named("right_relu", relu()))))),
            conv("join", conv2d(10, 8, 3).stride(2).padding(1), w),
            named("gap", adaptiveAvgPool2d(1)),
            named("flatten", flatten()),
            linearLayer("fc", 8, w))
        .input(3, 16, 16);
  }

  private static Layer conv(String name, Layer.Conv2d conv, Map<String, Tensor> w) {
    float[] weight = w.get(name + ".weight").toFloats();
    Tensor bias = w.get(name + ".bias");
    return named(
        name,
        bias == null ? conv.bias(false).weights(weight) : conv.weights(weight, bias.toFloats()));
  }

  private static Layer norm(String name, Map<String, Tensor> w) {
    return named(
        name,
        batchNorm2d(Math.toIntExact(w.get(name + ".bias").elements()))
            .weights(
                w.get(name + ".weight").toFloats(),
                w.get(name + ".bias").toFloats(),
                w.get(name + ".running_mean").toFloats(),
                w.get(name + ".running_var").toFloats()));
  }

  private static Layer linearLayer(String name, int in, Map<String, Tensor> w) {
    return named(
        name,
        linear(in, 10)
            .weights(w.get(name + ".weight").toFloats(), w.get(name + ".bias").toFloats()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("flows")
  void theFlowIsPyTorchs(Flow flow) {
    CalibrationTable table = calibrate(flow);
    assertScales(flow, Golden.objects(Golden.object(flow.golden()), "observers"), table);
    Graph quantized = Quantizer.convert(flow.graph(), table);
    assertWeights(flow, quantized);
    assertEachOperator(flow, quantized);
    assertResults(flow, quantized);
  }

  /// PyTorch's two other forms of this flow are not Octet's: without fusion, and with nn.Flatten,
  /// which FX observes by itself.
  static Stream<Map<String, Object>> presets() {
    return Golden.objects(Golden.object("tutorial_presets"), "presets").stream()
        .filter(p -> p.get("flow").equals("eager") || p.get("flow").equals("fx"));
  }

  @ParameterizedTest
  @MethodSource("presets")
  void everyPresetHasPyTorchsScales(Map<String, Object> preset) {
    QConfig qconfig = QConfig.named((String) preset.get("qconfig"));
    Flow tutorial = flows().findFirst().orElseThrow();
    Flow flow =
        new Flow(
            preset.get("qconfig") + " " + preset.get("flow"),
            tutorial.data(),
            tutorial.inputs(),
            preset.get("flow").equals("fx") ? qconfig.toBuilder().fx().build() : qconfig,
            tutorial.graph(),
            tutorial.values());
    assertScales(flow, Golden.objects(preset, "observers"), calibrate(flow));
  }

  private static CalibrationTable calibrate(Flow flow) {
    Tensor samples = grid(flow, "calibration_grid32");
    float[] values = samples.toFloats();
    long[] one = samples.shape().sizes();
    int each = Math.toIntExact(samples.elements() / one[0]);
    one[0] = 1;
    Iterator<Map<String, Tensor>> batches =
        IntStream.range(0, values.length / each)
            .mapToObj(i -> Arrays.copyOfRange(values, i * each, (i + 1) * each))
            .map(sample -> Map.of("input", Tensor.of(sample, one)))
            .iterator();
    return Calibrator.calibrate(flow.graph(), flow.qconfig(), batches);
  }

  private static Tensor grid(Flow flow, String name) {
    Tensor grid = Golden.arrays(flow.inputs()).get(name);
    float[] values = new float[Math.toIntExact(grid.elements())];
    for (int i = 0; i < values.length; i++) {
      values[i] = grid.getInteger(i) / 32f;
    }
    return Tensor.of(values, grid.shape().sizes());
  }

  private static void assertScales(
      Flow flow, List<Map<String, Object>> observers, CalibrationTable table) {
    assertEquals(observers.size(), table.values().size());
    for (Map<String, Object> observer : observers) {
      String value = flow.values().get((String) observer.get("name"));
      Entry entry =
          table.values().stream().filter(e -> e.value().equals(value)).findFirst().orElseThrow();
      float scale = Golden.number(observer, "scale");
      assertEquals(scale, entry.params().scale(), scale * 1e-6f, value);
      assertEquals(Golden.number(observer, "zeroPoint"), entry.params().zeroPoint(), value);
    }
  }

  private static void assertWeights(Flow flow, Graph quantized) {
    Map<String, Tensor> golden = Golden.arrays(flow.golden());
    Graph folded = Prepare.prepare(flow.graph()).graph();
    int layers = 0;
    for (String name : golden.keySet()) {
      if (name.endsWith(".weight_int8")) {
        String layer = name.substring(0, name.length() - ".weight_int8".length());
        Tensor scales = golden.get(layer + ".weight_scale");
        assertArrayEquals(
            scales.toFloats(), constant(quantized, layer + ".weight_s").toFloats(), layer);
        assertSameButForTies(
            golden.get(name),
            constant(quantized, layer + ".weight_q"),
            constant(folded, layer + ".weight"),
            scales);
        layers++;
      }
    }
    assertTrue(layers >= 2);
  }

  /// The constant of that name, wherever its layer stands.
  private static Tensor constant(Graph graph, String name) {
    return graph.initializers().entrySet().stream()
        .filter(e -> e.getKey().equals(name) || e.getKey().endsWith("." + name))
        .findFirst()
        .orElseThrow()
        .getValue();
  }

  /// PyTorch multiplies by the float reciprocal of the scale where ONNX divides: next to a tie the
  /// integers may differ by one, and nowhere else.
  private static void assertSameButForTies(
      Tensor expected, Tensor actual, Tensor weights, Tensor scales) {
    long each = actual.elements() / scales.elements();
    for (long i = 0; i < actual.elements(); i++) {
      double steps = (double) weights.getFloat(i) / scales.getFloat(i / each);
      boolean tie = Math.abs(Math.abs(steps - Math.rint(steps)) - 0.5) < 2e-5;
      assertEquals(expected.getInteger(i), actual.getInteger(i), tie ? 1 : 0, i + ": " + steps);
    }
  }

  /// Every operator on PyTorch's own int8 inputs, so that differences do not add up.
  private static void assertEachOperator(Flow flow, Graph quantized) {
    Map<String, Tensor> golden = Golden.arrays(flow.golden());
    Map<String, ValueInfo> infos = ShapeInference.infer(quantized);
    Map<String, Tensor> given = new HashMap<>(Map.of("input", grid(flow, "test_grid32")));
    List<ValueInfo> inputs = new ArrayList<>(quantized.inputs());
    List<ValueInfo> outputs = new ArrayList<>();
    flow.values()
        .forEach(
            (theirs, ours) -> {
              ValueInfo q = infos.get(ours + "_q");
              inputs.add(q);
              outputs.add(new ValueInfo(made(q.name()), q.type(), q.shape()));
              given.put(q.name(), golden.get("test." + theirs));
            });
    List<Node> nodes = new ArrayList<>();
    for (Node node : quantized.nodes()) {
      boolean cut = given.containsKey(node.output());
      String output = cut ? made(node.output()) : node.output();
      nodes.add(new Node(node.name(), node.op(), node.inputs(), output));
    }
    Graph pieces = new Graph("pieces", inputs, outputs, quantized.initializers(), nodes);
    Map<String, Tensor> results = run(pieces, given);
    flow.values()
        .forEach(
            (theirs, ours) -> {
              int[] apart =
                  stepsApart(golden.get("test." + theirs), results.get(made(ours + "_q")));
              assertEquals(0, apart[2], () -> theirs + ": " + Arrays.toString(apart));
            });
  }

  private static String made(String quantized) {
    return quantized + "_made";
  }

  /// The network as a whole. The tutorial's stays within one step everywhere. In a deeper one steps
  /// add up: PyTorch adds biases in float and multiplies by reciprocals, so that one conv output in
  /// two hundred differs by a step; then a sum of such may differ by two.
  private static void assertResults(Flow flow, Graph quantized) {
    Map<String, Tensor> golden = Golden.arrays(flow.golden());
    Map<String, ValueInfo> infos = ShapeInference.infer(quantized);
    List<ValueInfo> outputs = new ArrayList<>(quantized.outputs());
    flow.values().values().forEach(v -> outputs.add(infos.get(v + "_q")));
    Map<String, Tensor> results =
        run(quantized.withOutputs(outputs), Map.of("input", grid(flow, "test_grid32")));
    boolean tutorial = flow.golden().startsWith("tutorial");
    flow.values()
        .forEach(
            (theirs, ours) -> {
              int[] apart = stepsApart(golden.get("test." + theirs), results.get(ours + "_q"));
              double two = apart[2] / (double) Arrays.stream(apart).sum();
              String found = theirs + ": " + Arrays.toString(apart);
              assertTrue(two <= (tutorial ? 0 : 0.02), found);
              assertEquals(0, apart[3], found);
            });
    assertSameFloats(golden.get("test.output"), results, quantized);
  }

  /// The float output is the dequantized int8 output.
  private static void assertSameFloats(Tensor expected, Map<String, Tensor> results, Graph graph) {
    float step = graph.constant("output_s").getFloat(0);
    Tensor actual = results.get("output");
    for (long i = 0; i < expected.elements(); i++) {
      assertEquals(expected.getFloat(i), actual.getFloat(i), 2.001f * step);
    }
  }

  private static Map<String, Tensor> run(Graph graph, Map<String, Tensor> inputs) {
    try (Session session = Session.open(graph)) {
      return session.run(inputs, Arena.ofAuto());
    }
  }

  /// How many elements are 0, 1, 2, and 3 or more steps apart.
  private static int[] stepsApart(Tensor expected, Tensor actual) {
    assertEquals(expected.shape(), actual.shape());
    int[] counts = new int[4];
    for (long i = 0; i < expected.elements(); i++) {
      counts[(int) Math.min(3, Math.abs(expected.getInteger(i) - actual.getInteger(i)))]++;
    }
    return counts;
  }
}
