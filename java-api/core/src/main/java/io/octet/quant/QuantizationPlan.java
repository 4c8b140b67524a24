package io.octet.quant;

import io.octet.graph.Graph;
import io.octet.internal.pass.Groups;
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
record QuantizationPlan(QConfig qconfig, QuantizedNodes nodes, Map<String, Point> pointOf) {
  static QuantizationPlan of(Prepared prepared, QConfig qconfig) {
    QuantizedNodes nodes = QuantizedNodes.of(prepared, qconfig);
    return new QuantizationPlan(qconfig, nodes, Points.of(nodes, qconfig));
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

  /// The operators that stay FP32, in the graph's order.
  List<FloatNode> floatNodes() {
    FloatReasons reasons = new FloatReasons(graph(), nodes.values());
    return graph().nodes().stream()
        .filter(n -> !nodes.contains(n))
        .map(n -> new FloatNode(n.name(), n.op().name(), reasons.of(n)))
        .toList();
  }
}
