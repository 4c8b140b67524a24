package io.octet.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.ShapeInference;
import io.octet.graph.op.Quantization;
import io.octet.graph.op.ValueInfo;
import io.octet.quant.CalibrationTable;
import io.octet.quant.QConfig;
import io.octet.quant.Quantizer;
import io.octet.runtime.Calibrator;
import io.octet.runtime.NodeReport;
import io.octet.runtime.Session;
import io.octet.runtime.SessionOptions;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.Answers;
import io.octet.testkit.OrtRunner;
import io.octet.testkit.Torchvision;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Torchvision's networks as both of torch's exporters write them: each opens, answers as ONNX
/// Runtime does, quantizes, and its int8 file gives the answers that ONNX Runtime gives to it. The
/// large ones are in the `long` profile, which prints the README's table.
class TorchvisionTest {
  private static final double FLOAT_ERROR = 1e-4;
  private static final String MADE = "_made";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "squeezenet1_1-script",
        "shufflenet_v2_x1_0-script",
        "shufflenet_v2_x1_0-dynamo",
        "mobilenet_v2-script",
        "mobilenet_v3_small-script",
        "mobilenet_v3_small-dynamo",
        "mnasnet1_0-dynamo",
        "regnet_y_400mf-script",
        "efficientnet_b0-dynamo",
        "lraspp_mobilenet_v3_large-script",
        "resnet18-dynamo"
      })
  void smallNetworks(String name) throws Exception {
    check(name);
  }

  @Tag("long")
  @ParameterizedTest
  @ValueSource(
      strings = {
        "alexnet-script",
        "alexnet-dynamo",
        "vgg11-script",
        "vgg11-dynamo",
        "resnet18-script",
        "squeezenet1_1-dynamo",
        "densenet121-script",
        "densenet121-dynamo",
        "googlenet-script",
        "googlenet-dynamo",
        "inception_v3-script",
        "inception_v3-dynamo",
        "mobilenet_v2-dynamo",
        "mnasnet1_0-script",
        "regnet_y_400mf-dynamo",
        "efficientnet_b0-script",
        "efficientnet_v2_s-script",
        "efficientnet_v2_s-dynamo",
        "convnext_tiny-script",
        "convnext_tiny-dynamo",
        "swin_t-script",
        "swin_t-dynamo",
        "vit_b_16-script",
        "vit_b_16-dynamo",
        "maxvit_t-script",
        "maxvit_t-dynamo",
        "lraspp_mobilenet_v3_large-dynamo",
        "deeplabv3_mobilenet_v3_large-script",
        "deeplabv3_mobilenet_v3_large-dynamo"
      })
  void largeNetworks(String name) throws Exception {
    check(name);
  }

  private static void check(String name) throws Exception {
    Torchvision net = Torchvision.load(name);
    Graph graph = Onnx.read(net.model());
    Tensor ours = octet(graph, false, net.images(1));
    double floats = Answers.relativeError(onnxRuntime(net.model(), net.images(1)), ours);

    QConfig qconfig = QConfig.auto();
    CalibrationTable table =
        Calibrator.calibrate(graph, qconfig, List.of(net.images(2), net.images(3)).iterator());
    Graph int8 = Quantizer.convert(graph, table);
    Tensor theirs = onnxRuntime(Onnx.toBytes(int8), net.images(1));
    Tensor exact = octet(int8, true, net.images(1));
    double whole = within(theirs, exact, step(int8, exact));
    double layers = layerByLayer(int8, net.images(1));
    System.out.printf(
        "| %s | %d | %.1e | %s | %.2f%% | %.2f%% |%n",
        name, graph.nodes().size(), floats, nodes(int8), 100 * layers, 100 * whole);
    assertTrue(floats <= FLOAT_ERROR, "FP32 is off by " + floats);
    assertTrue(layers >= 0.999, layers + " of the quantized values are within one step");
  }

  /// How many of all quantized values are within one step of ONNX Runtime's, where each layer reads
  /// what ONNX Runtime's layers before it made. In a deep network of random weights one value that
  /// lies next to a tie is enough to change the whole result.
  private static double layerByLayer(Graph int8, Map<String, Tensor> images) throws Exception {
    Map<String, Shape> shape = Map.of("input", images.get("input").shape());
    Map<String, ValueInfo> infos = ShapeInference.infer(int8, shape);
    List<ValueInfo> cut =
        int8.nodes().stream()
            .filter(node -> node.op() instanceof Quantization.QuantizeLinear)
            .map(node -> infos.get(node.output()))
            .toList();
    Map<String, Tensor> theirs;
    try (OrtRunner ort = new OrtRunner(Onnx.toBytes(int8.withOutputs(cut)))) {
      theirs = ort.run(images);
    }
    Map<String, Tensor> inputs = new HashMap<>(images);
    inputs.putAll(theirs);
    SessionOptions exact = SessionOptions.builder().kernels(k -> k.exact(true)).build();
    long near = 0;
    long all = 0;
    try (Session session = Session.open(apart(int8, cut, infos), exact)) {
      inputs.keySet().retainAll(session.inputs().stream().map(ValueInfo::name).toList());
      Map<String, Tensor> ours = session.run(inputs, Arena.ofAuto());
      for (ValueInfo value : cut) {
        Tensor made = ours.get(value.name() + MADE);
        for (long i = 0; i < made.elements(); i++) {
          long steps = made.getInteger(i) - theirs.get(value.name()).getInteger(i);
          near += Math.abs(steps) <= 1 ? 1 : 0;
        }
        all += made.elements();
      }
    }
    return (double) near / all;
  }

  /// The layers side by side: what each quantizes is an output, and an input of those behind it.
  private static Graph apart(Graph graph, List<ValueInfo> cut, Map<String, ValueInfo> infos) {
    Set<String> names = cut.stream().map(ValueInfo::name).collect(Collectors.toSet());
    List<Node> nodes =
        graph.nodes().stream()
            .map(
                node ->
                    names.contains(node.output())
                        ? new Node(node.name(), node.op(), node.inputs(), node.output() + MADE)
                        : node)
            .toList();
    List<ValueInfo> inputs = new ArrayList<>(List.of(infos.get("input")));
    inputs.addAll(cut);
    List<ValueInfo> outputs = cut.stream().map(value -> value.named(value.name() + MADE)).toList();
    return new Graph(graph.name(), inputs, outputs, graph.initializers(), nodes);
  }

  private static Tensor octet(Graph graph, boolean exact, Map<String, Tensor> input) {
    SessionOptions options = SessionOptions.builder().kernels(k -> k.exact(exact)).build();
    try (Session session = Session.open(graph, options)) {
      return session.run(input, Arena.ofAuto()).values().iterator().next();
    }
  }

  private static Tensor onnxRuntime(byte[] model, Map<String, Tensor> input) throws Exception {
    try (OrtRunner ort = new OrtRunner(model)) {
      return ort.run(input).values().iterator().next();
    }
  }

  /// The scale of what makes the output; where that is no integer, a hundredth of its largest.
  private static double step(Graph graph, Tensor output) {
    Node last = graph.producer(graph.outputs().getFirst().name());
    if (last.op() instanceof Quantization.DequantizeLinear) {
      return graph.constant(last.input(1)).getFloat(0);
    }
    double largest = 0;
    for (float value : output.toFloats()) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest / 100;
  }

  private static double within(Tensor theirs, Tensor ours, double step) {
    assertEquals(theirs.toString(), ours.toString());
    long near = 0;
    for (long i = 0; i < ours.elements(); i++) {
      near += Math.abs(theirs.getFloat(i) - ours.getFloat(i)) <= 1.01 * step ? 1 : 0;
    }
    return (double) near / ours.elements();
  }

  /// Int8 nodes of all, and those that fell back.
  private static String nodes(Graph int8) {
    try (Session session = Session.open(int8)) {
      List<NodeReport> rows = session.explain();
      long bytes = rows.stream().filter(r -> r.dtype().equals("int8")).count();
      long fallbacks = rows.stream().filter(NodeReport::fellBack).count();
      return bytes + " of " + rows.size() + " nodes, " + fallbacks + " fallbacks";
    }
  }
}
