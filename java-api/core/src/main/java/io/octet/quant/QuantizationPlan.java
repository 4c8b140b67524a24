package io.octet.quant;

import io.octet.graph.Graph;
import io.octet.internal.pass.Groups;
import io.octet.internal.pass.LayerNode;
import io.octet.internal.pass.Prepared;
import io.octet.quant.CalibrationTable.FloatNode;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Which nodes and values of a prepared graph are quantized, which values share parameters, and
/// which are observed.
///
/// @param nodes the nodes that work on quantized values
/// @param pointOf the point of each quantized value; the others stay float
record QuantizationPlan(QuantizedNodes nodes, Map<String, Point> pointOf) {
  static QuantizationPlan of(Prepared prepared, Told told) {
    QuantizedNodes nodes = QuantizedNodes.of(prepared, told);
    return new QuantizationPlan(nodes, Points.of(nodes));
  }

  /// The configuration, with a rule for each node that is told something.
  QConfig qconfig() {
    return nodes.told().qconfig();
  }

  /// How the weights of a layer are quantized.
  Settings settings(LayerNode layer) {
    return nodes.told().settings(layer.core());
  }

  Graph graph() {
    return nodes.graph();
  }

  Groups groups() {
    return nodes.groups();
  }

  /// All points, in the order of their first members.
  List<Point> points() {
    return List.copyOf(new LinkedHashSet<>(pointOf.values()));
  }

  /// The point of `value`, or nothing where it stays float.
  Optional<Point> point(String value) {
    return Optional.ofNullable(pointOf.get(value));
  }

  /// The layers that are quantized, in the graph's order.
  List<LayerNode> layers() {
    return groups().all().stream()
        .flatMap(group -> group.layer().stream())
        .filter(layer -> nodes.contains(layer.core()))
        .toList();
  }

  /// The operators that stay FP32, in the graph's order.
  List<FloatNode> floatNodes() {
    return graph().nodes().stream()
        .filter(n -> !nodes.contains(n))
        .map(n -> new FloatNode(n.name(), n.op().name(), nodes.reason(n)))
        .toList();
  }
}
