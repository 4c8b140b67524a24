package io.octet.internal.pass;

import io.octet.OctetException.InvalidModel;
import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Quantization;
import io.octet.tensor.DataType;
import io.octet.tensor.Granularity;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Tensor;

/// Reads the parameters of QuantizeLinear and DequantizeLinear nodes.
public final class QdqNodes {
  private QdqNodes() {}

  public static boolean isQuantize(Node node) {
    return node != null && node.op() instanceof Quantization.QuantizeLinear;
  }

  public static boolean isDequantize(Node node) {
    return node != null && node.op() instanceof Quantization.DequantizeLinear;
  }

  /// The channels' axis of a Q or DQ node with a scale for each of them.
  private static int axis(Node node) {
    return switch ((Quantization) node.op()) {
      case Quantization.QuantizeLinear(int axis, _) -> axis;
      case Quantization.DequantizeLinear(int axis) -> axis;
      case Quantization.DynamicQuantizeLinear _ -> 0;
    };
  }

  /// Whether scale and zero point of a Q or DQ node are constants.
  static boolean hasConstantParams(Graph graph, Node node) {
    return graph.constant(node.input(1)) != null
        && (!node.hasInput(2) || graph.constant(node.input(2)) != null);
  }

  /// The parameters of a Q or DQ node, or null where scale or zero point arrive at run time.
  ///
  /// @throws InvalidModel if they are constants that no quantization has
  public static QuantParams params(Graph graph, Node node, DataType integerType) {
    if (!hasConstantParams(graph, node)) {
      return null;
    }
    Tensor scale = graph.constant(node.input(1));
    Tensor zero = node.hasInput(2) ? graph.constant(node.input(2)) : null;
    try {
      float[] scales = scale.toFloats();
      int[] zeros = io.octet.internal.reference.Quantization.zeroPoints(zero, scales.length);
      Granularity granularity =
          scales.length == 1 ? new Granularity.PerTensor() : new Granularity.PerChannel(axis(node));
      return new QuantParams(integerType, granularity, scales, zeros);
    } catch (IllegalArgumentException | IllegalStateException | IndexOutOfBoundsException e) {
      throw new InvalidModel(
          node
              + ": scale \""
              + node.input(1)
              + "\" and zero point \""
              + node.input(2)
              + "\" are no quantization: "
              + e.getMessage(),
          e);
    }
  }

  /// The parameters of a Q node whose scale and zero point are single constants, else null.
  public static QuantParams perTensor(Graph graph, Node quantize) {
    DataType type = ((Quantization.QuantizeLinear) quantize.op()).type();
    QuantParams params = params(graph, quantize, type);
    return params != null && params.isPerTensor() ? params : null;
  }
}
