package io.octet.quant;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Quantization;
import io.octet.internal.pass.FreshNames;
import io.octet.internal.pass.Group;
import io.octet.internal.pass.LayerNode;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Writes a float graph with explicit QuantizeLinear and DequantizeLinear nodes. A value "v" that a
/// quantized operator makes becomes "v_f" (float) -> "v_q" (int8) -> "v", dequantized: readers and
/// the graph's outputs keep their names. A value that stays float beside its quantized form, such
/// as an input, becomes "v" -> "v_q" -> "v_dq". Names are short because they take much of a small
/// network's file.
final class QdqConversion {
  private final QuantizationPlan plan;
  private final Graph graph;
  private final FreshNames names;
  private final Map<String, QuantParams> params = new HashMap<>();
  private final Map<String, Tensor> constants = new LinkedHashMap<>();
  private final List<Node> nodes = new ArrayList<>();
  private final Map<Point, String[]> scales = new HashMap<>();
  private final Map<String, String> dequantized = new HashMap<>();

  /// Quantized values before they are rounded, for those who stay FP32 by the configuration.
  private final Map<String, String> unrounded = new HashMap<>();

  QdqConversion(QuantizationPlan plan, CalibrationTable table) {
    this.plan = plan;
    this.graph = plan.graph();
    this.names = new FreshNames(graph);
    table.values().forEach(e -> params.put(e.value(), e.params()));
    for (Point point : plan.points()) {
      if (!params.containsKey(point.value())) {
        throw new IllegalArgumentException(
            "the calibration table has no entry for \"" + point.value() + "\" of " + graph);
      }
      requireUsable(point.value(), params.get(point.value()));
    }
    constants.putAll(graph.initializers());
  }

  private static void requireUsable(String value, QuantParams params) {
    if (!params.isPerTensor() || !params.type().isInt8()) {
      throw new IllegalArgumentException(
          "activations take u8 or s8 per tensor, but the table gives \"" + value + "\" " + params);
    }
  }

  Graph graph() {
    graph.inputs().forEach(i -> enter(i.name()));
    for (Node node : graph.nodes()) {
      Optional<Group> group = plan.groups().of(node);
      if (group.isPresent() && plan.nodes().contains(node)) {
        grouped(group.get(), node);
      } else if (plan.nodes().contains(node)) {
        List<String> inputs = node.inputs().stream().map(this::quantizedForm).toList();
        leave(node, inputs);
      } else {
        leftAlone(node);
      }
    }
    return graph.with(constants, nodes);
  }

  private void leftAlone(Node node) {
    List<String> inputs = node.inputs();
    if (plan.nodes().isKept(node)) {
      inputs = inputs.stream().map(v -> unrounded.getOrDefault(v, v)).toList();
    }
    nodes.add(new Node(node.name(), node.op(), inputs, node.outputs()));
    node.outputs().forEach(this::enter);
  }

  private void grouped(Group group, Node node) {
    List<String> inputs = node.inputs();
    if (group.layer().isEmpty()) {
      List<String> data = group.dataInputs();
      inputs = inputs.stream().map(v -> data.contains(v) ? quantizedForm(v) : v).toList();
    } else if (node.equals(group.core())) {
      inputs = layer(group.layer().get());
    } else if (group.layer().flatMap(LayerNode::add).filter(node::equals).isPresent()) {
      LayerNode layer = group.layer().get();
      inputs = inputs.stream().map(i -> dequantized.getOrDefault(biasKey(layer, i), i)).toList();
    }
    if (node.equals(group.last())) {
      leave(node, inputs);
    } else {
      nodes.add(new Node(node.name(), node.op(), inputs, node.outputs()));
    }
  }

  // ---- activations

  /// Quantizes a value that stays float, where a quantized operator reads it.
  private void enter(String value) {
    plan.point(value)
        .ifPresent(
            point -> {
              String form = names.value(value + "_dq");
              dequantized.put(value, form);
              through(value, value, form, point);
            });
  }

  /// Adds a node whose results are quantized, and what makes their old names the dequantized
  /// values. One that only nodes read that stay FP32 by the configuration is not quantized.
  private void leave(Node node, List<String> inputs) {
    List<String> outputs = new ArrayList<>();
    for (String value : node.outputs()) {
      boolean quantized = plan.point(value).isPresent();
      outputs.add(quantized ? names.value(value + "_f") : value);
      if (quantized) {
        unrounded.put(value, outputs.getLast());
      }
    }
    nodes.add(new Node(node.name(), node.op(), inputs, outputs));
    for (int i = 0; i < outputs.size(); i++) {
      String value = node.outputs().get(i);
      if (unrounded.containsKey(value)) {
        through(value, outputs.get(i), value, plan.point(value).orElseThrow());
      }
    }
  }

  private void through(String value, String from, String to, Point point) {
    QuantParams p = params.get(point.value());
    String[] scale = scales.computeIfAbsent(point, this::scaleOf);
    String middle = names.value(value + "_q");
    nodes.add(
        new Node(
            names.node(value + "_q"),
            new Quantization.QuantizeLinear(1, p.type()),
            List.of(from, scale[0], scale[1]),
            middle));
    nodes.add(
        new Node(
            names.node(value + "_dq"),
            new Quantization.DequantizeLinear(1),
            List.of(middle, scale[0], scale[1]),
            to));
  }

  /// Names of the scale and the zero point that all members of a point share.
  private String[] scaleOf(Point point) {
    QuantParams p = params.get(point.value());
    String scale = names.value(point.value() + "_s");
    String zero = names.value(point.value() + "_z");
    constants.put(scale, Tensor.scalar(p.scale()));
    constants.put(zero, Tensor.of(p.type(), new byte[] {(byte) p.zeroPoint()}));
    return new String[] {scale, zero};
  }

  private String quantizedForm(String value) {
    return dequantized.getOrDefault(value, value);
  }

  // ---- weights

  /// The inputs of a layer: the activation, and weights and bias behind their DequantizeLinear.
  private List<String> layer(LayerNode layer) {
    Node core = layer.core();
    String x = layer.data();
    QuantParams input = params.get(plan.point(x).orElseThrow().value());
    IntegerLayer made = IntegerLayer.of(graph, layer, input, plan.settings(layer));
    String w = layer.weights();
    long[] scales = made.scaleSizes();
    String scale = constant(w + "_s", Tensor.of(made.scales(), scales));
    byte[] zeros = new byte[made.scales().length];
    String zero = constant(w + "_z", Tensor.of(DataType.S8, zeros, scales));
    List<String> inputs = new ArrayList<>(List.of(quantizedForm(x)));
    inputs.add(constantBehind(core, w, made.weights(), layer.channelAxis(), scale, zero));
    if (layer.hasBias()) {
      String b = layer.bias();
      String biasScale = constant(b + "_s", Tensor.of(made.biasScales(), scales));
      Node reader = layer.add().orElse(core);
      String form =
          constantBehind(reader, b, Tensor.of(made.bias(), made.bias().length), 0, biasScale);
      if (layer.add().isPresent()) {
        dequantized.put(biasKey(layer, b), form);
      } else {
        inputs.add(form);
      }
    }
    return inputs;
  }

  /// Puts an integer constant behind a DequantizeLinear that takes over the float constant's name,
  /// unless others read that.
  private String constantBehind(
      Node reader, String name, Tensor integers, int axis, String... scaleAndZero) {
    boolean own = graph.consumers(name).equals(List.of(reader)) && !graph.isOutput(name);
    String form = own ? name : names.value(name + "_dq");
    if (own) {
      constants.remove(name);
    }
    List<String> inputs = new ArrayList<>(List.of(constant(name + "_q", integers)));
    inputs.addAll(Arrays.asList(scaleAndZero));
    nodes.add(
        new Node(names.node(name + "_dq"), new Quantization.DequantizeLinear(axis), inputs, form));
    return form;
  }

  private String constant(String wanted, Tensor value) {
    String name = names.value(wanted);
    constants.put(name, value);
    return name;
  }

  /// Several layers may add one constant, each at a scale of its own.
  private static String biasKey(LayerNode layer, String value) {
    return layer.core().name() + " " + value;
  }
}
