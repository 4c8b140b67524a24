package io.octet.internal.compile;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.Op;
import io.octet.tensor.QuantParams;

/// What a value cannot exceed whatever the inputs are, because a Clip stands before it. A scale is
/// no bound: QuantizeLinear saturates at its type's end.
final class Bounds {
  /// Kernels may multiply by the reciprocal of a scale: this close to a tie they may round up.
  private static final double ROUNDING = 1e-3;

  private Bounds() {}

  /// The largest integer of a value that is stored with those parameters, counted from the smallest
  /// of its type.
  static int largest(Graph graph, String value, QuantParams quant) {
    return quant.isPerTensor() ? steps(real(graph, value), quant) : 255;
  }

  private static int steps(double bound, QuantParams quant) {
    double steps = Math.floor(bound / quant.scale() + 0.5 + ROUNDING) + quant.zeroPoint();
    return (int) Math.clamp(steps - quant.type().min(), 0.0, 255.0);
  }

  /// The largest real number; infinite where nothing bounds it.
  private static double real(Graph graph, String value) {
    Node node = graph.producer(value);
    return switch (node == null ? null : node.op()) {
      case Op.Clip(float _, float max) -> max;
      case Op.DequantizeLinear _ -> dequantized(graph, node);
      case Op.MaxPool _, Op.Flatten _, Op.Reshape _, Op.Transpose _, Op.Identity _ ->
          real(graph, node.input(0));
      case null, default -> Double.POSITIVE_INFINITY;
    };
  }

  private static double dequantized(Graph graph, Node dequantize) {
    Node quantize = graph.producer(dequantize.input(0));
    QuantParams quant = QdqNodes.isQuantize(quantize) ? QdqNodes.perTensor(graph, quantize) : null;
    if (quant == null || !quant.equals(QdqNodes.params(graph, dequantize, quant.type()))) {
      return Double.POSITIVE_INFINITY;
    }
    double least = quant.type().min() - quant.zeroPoint();
    return (least + largest(graph, quantize.input(0), quant)) * quant.scale();
  }
}
