package io.octet.internal.pass;

import io.octet.OctetException.InvalidModel;
import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Convolution;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Normalization;
import io.octet.graph.op.Pooling;
import io.octet.graph.op.Product;
import io.octet.graph.op.Quantization;
import io.octet.graph.op.Unary;
import io.octet.tensor.DataType;
import io.octet.tensor.Tensor;
import java.util.HashSet;
import java.util.Set;

/// Refuses weights, biases, statistics and scales that are no finite numbers. Other constants may
/// be infinite: a mask that is added often is. Each constant is looked at once, however many nodes
/// read it.
final class CheckConstants {
  private final Graph graph;
  private final Set<String> finite = new HashSet<>();
  private final Set<String> scales = new HashSet<>();

  private CheckConstants(Graph graph) {
    this.graph = graph;
  }

  /// @throws InvalidModel naming the tensor
  static void check(Graph graph) {
    new CheckConstants(graph).run();
  }

  private void run() {
    for (Node node : graph.nodes()) {
      switch (node.op()) {
        case Convolution.Conv _,
            Product.Gemm _,
            Product.MatMul _,
            Normalization.BatchNormalization _ ->
            node.inputs().forEach(name -> requireFinite(node, name, "weight"));
        case Quantization.QuantizeLinear _, Quantization.DequantizeLinear _ -> requireScale(node);
        case Unary.Relu _,
            Unary.Clip _,
            Unary.LeakyRelu _,
            Unary.Sigmoid _,
            Unary.HardSigmoid _ -> {}
        case Unary.HardSwish _,
            Unary.Tanh _,
            Normalization.Softmax _,
            Binary.Add _,
            Binary.Mul _ -> {}
        case Pooling.MaxPool _,
            Pooling.AveragePool _,
            Pooling.GlobalAveragePool _,
            Movement.Flatten _ -> {}
        case Movement.Reshape _,
            Movement.Transpose _,
            Movement.Concat _,
            Movement.Identity _,
            Movement.Dropout _ -> {}
      }
    }
  }

  private void requireFinite(Node node, String name, String what) {
    Tensor t = graph.constant(name);
    if (t == null || t.type() != DataType.F32 || !finite.add(name)) {
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

  private void requireScale(Node node) {
    // A float that is quantized at run time is a weight as well.
    requireFinite(node, node.input(0), "weight");
    String name = node.input(1);
    requireFinite(node, name, "scale");
    Tensor scale = graph.constant(name);
    if (scale == null || scale.type() != DataType.F32 || !scales.add(name)) {
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
