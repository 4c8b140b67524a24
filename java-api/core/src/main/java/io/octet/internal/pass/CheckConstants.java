package io.octet.internal.pass;

import io.octet.OctetException.InvalidModel;
import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.Op;
import io.octet.tensor.DataType;
import io.octet.tensor.Tensor;
import java.util.List;

/// Refuses weights, biases, statistics and scales that are no finite numbers. Other constants may
/// be infinite: a mask that is added often is.
final class CheckConstants {
  private CheckConstants() {}

  /// @throws InvalidModel naming the tensor
  static void check(Graph graph) {
    for (Node node : graph.nodes()) {
      switch (node.op()) {
        case Op.Conv _, Op.Gemm _, Op.MatMul _, Op.BatchNormalization _ ->
            node.inputs().forEach(name -> requireFinite(graph, node, name, "weight"));
        case Op.QuantizeLinear _, Op.DequantizeLinear _ -> requireScale(graph, node);
        case Op.Relu _, Op.Clip _, Op.LeakyRelu _, Op.Sigmoid _, Op.HardSigmoid _ -> {}
        case Op.HardSwish _, Op.Tanh _, Op.Softmax _, Op.Add _, Op.Mul _ -> {}
        case Op.MaxPool _, Op.AveragePool _, Op.GlobalAveragePool _, Op.Flatten _ -> {}
        case Op.Reshape _, Op.Transpose _, Op.Concat _, Op.Identity _, Op.Dropout _ -> {}
      }
    }
  }

  private static void requireFinite(Graph graph, Node node, String name, String what) {
    Tensor t = graph.constant(name);
    if (t == null || t.type() != DataType.F32) {
      return;
    }
    long n = t.elements();
    for (long i = 0; i < n; i++) {
      float value = t.getFloat(i);
      if (!Float.isFinite(value)) {
        throw new InvalidModel(
            what + " \"" + name + "\" of " + node + " holds " + value + " at element " + i);
      }
    }
  }

  private static void requireScale(Graph graph, Node node) {
    // A float that is quantized at run time is a weight as well.
    List.of(node.input(0)).forEach(name -> requireFinite(graph, node, name, "weight"));
    String name = node.input(1);
    requireFinite(graph, node, name, "scale");
    Tensor scale = graph.constant(name);
    if (scale == null || scale.type() != DataType.F32) {
      return;
    }
    for (float s : scale.toFloats()) {
      if (!(s > 0)) {
        throw new InvalidModel(
            "scale \"" + name + "\" of " + node + " must be positive, but holds " + s);
      }
    }
  }
}
