package io.octet.internal.lower;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Traits;
import io.octet.internal.pass.Interval;
import io.octet.internal.pass.QdqNodes;
import io.octet.tensor.QuantParams;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// What values cannot exceed whatever the inputs are, because a Clip stands before them. A scale is
/// no bound: QuantizeLinear saturates at its type's end. Found in one walk over the graph.
final class Bounds {
  /// Kernels may multiply by the reciprocal of a scale: this close to a tie they may round up.
  private static final double ROUNDING = 1e-3;

  private final Graph graph;

  /// The largest real number of a value; a value without an entry has no bound.
  private final Map<String, Double> largest = new HashMap<>();

  Bounds(Graph graph) {
    this.graph = graph;
    for (Node node : graph.nodes()) {
      double bound = behind(node);
      if (bound < Double.POSITIVE_INFINITY) {
        largest.put(node.output(), bound);
      }
    }
  }

  /// The largest integer of a value that is stored with those parameters, counted from the smallest
  /// of its type.
  int largest(String value, QuantParams quant) {
    return quant.isPerTensor() ? steps(real(value), quant) : 255;
  }

  private static int steps(double bound, QuantParams quant) {
    double steps = Math.floor(bound / quant.scale() + 0.5 + ROUNDING) + quant.zeroPoint();
    return (int) Math.clamp(steps - quant.type().min(), 0.0, 255.0);
  }

  private double real(String value) {
    return largest.getOrDefault(value, Double.POSITIVE_INFINITY);
  }

  private double behind(Node node) {
    Optional<Interval> clamp = Interval.of(node.op());
    if (clamp.isPresent()) {
      return clamp.get().max();
    }
    if (QdqNodes.isDequantize(node)) {
      return dequantized(node);
    }
    return node.op().traits().values() == Traits.Values.PICKED
        ? node.data().stream().mapToDouble(this::real).max().orElse(Double.POSITIVE_INFINITY)
        : Double.POSITIVE_INFINITY;
  }

  private double dequantized(Node dequantize) {
    Node quantize = graph.producer(dequantize.input(0));
    QuantParams quant = QdqNodes.isQuantize(quantize) ? QdqNodes.perTensor(graph, quantize) : null;
    if (quant == null || !quant.equals(QdqNodes.params(graph, dequantize, quant.type()))) {
      return Double.POSITIVE_INFINITY;
    }
    double least = quant.type().min() - quant.zeroPoint();
    return (least + largest(quantize.input(0), quant)) * quant.scale();
  }
}
