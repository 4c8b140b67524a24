package io.octet.quant;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Product;
import io.octet.graph.op.Quantization.DynamicQuantizeLinear;
import io.octet.graph.op.Unary;
import io.octet.internal.pass.Constants;
import io.octet.internal.pass.FreshNames;
import io.octet.internal.pass.LayerNode;
import io.octet.internal.pass.Prepared;
import io.octet.tensor.DataType;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Writes linear layers as products of integers whose data are quantized when they arrive:
/// DynamicQuantizeLinear, MatMulInteger, Cast, Mul by both scales, Add of the bias, as every
/// dynamic quantizer does. A value that several layers read is quantized once.
final class DynamicConversion {
  private final Graph graph;
  private final Prepared prepared;
  private final Told told;
  private final FreshNames names;
  private final Map<String, Tensor> constants;
  private final List<Node> nodes = new ArrayList<>();

  /// Integers, scale and zero point of each value.
  private final Map<String, List<String>> quantized = new HashMap<>();

  private final Map<Form, Weights> weights = new HashMap<>();

  /// Weights as a layer reads them, for whoever reads them alike.
  private record Form(String weights, int axis, Settings settings) {}

  /// Names of the integers and their scales.
  private record Weights(String integers, String scales) {}

  DynamicConversion(Prepared prepared, Told told) {
    this.prepared = prepared;
    this.graph = prepared.graph();
    this.told = told;
    this.names = new FreshNames(graph);
    this.constants = new LinkedHashMap<>(graph.initializers());
  }

  Graph graph() {
    for (Node node : graph.nodes()) {
      Optional<LayerNode> layer =
          LayerNode.of(graph, node).filter(l -> isFloat(l) && !told.isFp32(node));
      layer.ifPresentOrElse(this::convert, () -> nodes.add(node));
    }
    return graph.with(constants, nodes);
  }

  /// Whether it is a linear layer of data that arrive, with weights that are floats.
  private boolean isFloat(LayerNode layer) {
    Tensor w = graph.constant(layer.weights());
    Tensor bias = layer.hasBias() ? graph.constant(layer.bias()) : w;
    boolean floats =
        w != null && w.type() == DataType.F32 && bias != null && bias.type() == DataType.F32;
    boolean plain = layer.alpha() == 1 && layer.beta() == 1;
    return !layer.isConv()
        && floats
        && plain
        && w.elements() > 0
        && !Constants.isKnown(graph, layer.data())
        && prepared.values().get(layer.data()).shape().rank() > 1;
  }

  private void convert(LayerNode layer) {
    Node node = layer.core();
    List<String> data = quantized.computeIfAbsent(layer.data(), this::quantize);
    Weights w =
        weights.computeIfAbsent(
            new Form(layer.weights(), layer.channelAxis(), told.settings(node)),
            form -> integers(layer, form));
    String y = node.output();
    String sums =
        add(
            node.name(),
            new Product.MatMulInteger(),
            List.of(data.get(0), w.integers(), data.get(2)),
            names.value(y + "_sums"));
    String reals =
        add(
            names.node(node.name() + "_cast"),
            new Unary.Cast(DataType.F32),
            List.of(sums),
            names.value(y + "_cast"));
    String scale =
        add(
            names.node(node.name() + "_scale"),
            new Binary.Mul(),
            List.of(data.get(1), w.scales()),
            names.value(y + "_scale"));
    String scaled = layer.hasBias() ? names.value(y + "_scaled") : y;
    add(names.node(node.name() + "_mul"), new Binary.Mul(), List.of(reals, scale), scaled);
    if (layer.hasBias()) {
      add(names.node(node.name() + "_bias"), new Binary.Add(), List.of(scaled, layer.bias()), y);
    }
  }

  private String add(String name, io.octet.graph.op.Op op, List<String> inputs, String output) {
    nodes.add(new Node(name, op, inputs, output));
    return output;
  }

  /// PyTorch's presets take the range of all values, as its dynamic layers do.
  private List<String> quantize(String value) {
    boolean rows =
        switch (told.qconfig().preset()) {
          case AUTO -> true;
          case FBGEMM, X86, ONEDNN -> false;
        };
    List<String> made =
        List.of(names.value(value + "_q"), names.value(value + "_s"), names.value(value + "_z"));
    String name = names.node(value + "_quantize");
    nodes.add(new Node(name, new DynamicQuantizeLinear(rows), List.of(value), made));
    return made;
  }

  /// As MatMulInteger takes them: the output channels last.
  private Weights integers(LayerNode layer, Form form) {
    IntegerLayer.Source source =
        new IntegerLayer.Source(
            layer.core().name(),
            form.weights(),
            graph.constant(form.weights()),
            form.axis(),
            new float[0]);
    IntegerLayer made = IntegerLayer.quantize(source, 1, form.settings());
    boolean turned = form.axis() == 0;
    String integers = names.value(form.weights() + "_q");
    String scales = names.value(form.weights() + "_s");
    constants.put(integers, turned ? Constants.transposed(made.weights()) : made.weights());
    constants.put(scales, Tensor.of(made.scales(), made.scaleSizes()));
    return new Weights(integers, scales);
  }
}
