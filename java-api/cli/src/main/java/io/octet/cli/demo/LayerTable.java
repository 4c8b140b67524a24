package io.octet.cli.demo;

import io.octet.cli.measure.Noise;
import io.octet.cli.report.Report;
import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Quantization;
import io.octet.runtime.NodeReport;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// Puts together what is known of each layer: its kernel, its time in both networks, its noise.
final class LayerTable {
  private final Graph int8;
  private final Map<String, Double> fp32Nanos;
  private final Map<String, Double> int8Nanos;
  private final Noise noise;
  private final Map<String, Node> nodes = new HashMap<>();

  /// @param fp32Nanos time of each node in the float network
  /// @param int8Nanos the same in the quantized one
  LayerTable(
      Graph int8, Map<String, Double> fp32Nanos, Map<String, Double> int8Nanos, Noise noise) {
    this.int8 = int8;
    this.fp32Nanos = fp32Nanos;
    this.int8Nanos = int8Nanos;
    this.noise = noise;
    int8.nodes().forEach(n -> nodes.put(n.name(), n));
  }

  List<Report.Layer> rows(List<NodeReport> reports) {
    return reports.stream().map(this::row).toList();
  }

  private Report.Layer row(NodeReport report) {
    return new Report.Layer(
        report.name(),
        operators(report),
        report.dtype(),
        report.backend(),
        report.kernel(),
        micros(fp32Nanos, report.name()),
        micros(int8Nanos, report.name()),
        noise.decibels(value(report)),
        report.fallback() == null ? "" : report.fallback().code() + ": " + report.fallback().text(),
        report.fellBack());
  }

  private static double micros(Map<String, Double> nanos, String name) {
    return nanos.containsKey(name) ? nanos.get(name) / 1e3 : Double.NaN;
  }

  private String operators(NodeReport report) {
    String fused =
        report.fused().stream()
            .map(nodes::get)
            .filter(n -> n != null && !convertsTypes(n))
            .map(n -> " + " + n.op().name())
            .collect(Collectors.joining());
    return report.op() + fused;
  }

  private static boolean convertsTypes(Node node) {
    return node.op() instanceof Quantization;
  }

  /// The value that leaves a layer, under the name that it has in both networks.
  private String value(NodeReport report) {
    Set<String> members = new HashSet<>(report.fused());
    members.add(report.name());
    String last = "";
    for (Node node : int8.nodes()) {
      if (members.contains(node.name()) && !convertsTypes(node)) {
        last = node.output();
      }
    }
    return dequantized(last);
  }

  private String dequantized(String value) {
    for (Node quantize : int8.consumers(value)) {
      if (quantize.op() instanceof Quantization.QuantizeLinear) {
        return int8.consumers(quantize.output()).stream()
            .filter(n -> n.op() instanceof Quantization.DequantizeLinear)
            .map(Node::output)
            .findFirst()
            .orElse(value);
      }
    }
    return value;
  }
}
