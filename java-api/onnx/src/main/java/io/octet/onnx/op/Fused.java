package io.octet.onnx.op;

import io.octet.graph.Node;
import io.octet.graph.op.Binary.Add;
import io.octet.graph.op.Binary.Mul;
import io.octet.graph.op.Movement.Transpose;
import io.octet.graph.op.Op;
import io.octet.graph.op.Product.Gemm;
import io.octet.graph.op.Product.MatMul;
import io.octet.graph.op.Unary.Clip;
import io.octet.graph.op.Unary.HardSigmoid;
import io.octet.graph.op.Unary.LeakyRelu;
import io.octet.graph.op.Unary.Relu;
import io.octet.graph.op.Unary.Sigmoid;
import io.octet.graph.op.Unary.Tanh;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Layers that ONNX Runtime's optimizer writes with what stands behind them: read as the layer, and
/// what stood there.
final class Fused {
  /// Of ONNX Runtime's domain.
  static final Map<String, Reader> MICROSOFT =
      Map.of("FusedConv", Fused::conv, "FusedGemm", Fused::gemm, "FusedMatMul", Fused::matMul);

  private Fused() {}

  /// Inputs X, W, optional B, and an optional value that is added before the activation.
  private static List<Node> conv(NodeView node) {
    node.requireInputs(2, 4);
    Composition nodes = new Composition(node);
    String text = node.text("activation", "");
    float[] given = node.reals("activation_params");
    Op activation = activation(node, text, given == null ? new float[0] : given);
    Op conv = Convolution.conv(node, 1);
    if (!node.hasInput(3)) {
      return end(nodes, activation, conv, layer(node));
    }
    String made = nodes.then(conv, layer(node));
    return end(nodes, activation, new Add(), made, node.input(3));
  }

  private static List<Node> gemm(NodeView node) {
    node.requireInputs(2, 3);
    Composition nodes = new Composition(node);
    node.ignore("activation_gamma"); // no function that is read has a third number
    float alpha = node.real("activation_alpha", 0);
    float beta = node.real("activation_beta", 0);
    Op activation = activation(node, node.text("activation", ""), new float[] {alpha, beta});
    return end(nodes, activation, Product.gemm(node), layer(node));
  }

  /// Data, weights and, where it is there, the bias.
  private static String[] layer(NodeView node) {
    List<String> inputs = new ArrayList<>(List.of(node.input(0), node.floats(1)));
    if (node.hasInput(2)) {
      inputs.add(node.floats(2));
    }
    return inputs.toArray(String[]::new);
  }

  private static List<Node> end(Composition nodes, Op activation, Op layer, String... inputs) {
    return activation == null
        ? nodes.end(layer, inputs)
        : nodes.end(activation, nodes.then(layer, inputs));
  }

  /// What stands behind a layer; null for nothing.
  private static Op activation(NodeView node, String name, float[] numbers) {
    return switch (name) {
      case "" -> null;
      case "Relu" -> new Relu();
      case "Tanh" -> new Tanh();
      case "Sigmoid" -> new Sigmoid();
      case "LeakyRelu" -> new LeakyRelu(number(node, numbers, 0));
      case "Clip" -> new Clip(number(node, numbers, 0), number(node, numbers, 1));
      case "HardSigmoid" -> new HardSigmoid(number(node, numbers, 0), number(node, numbers, 1));
      default -> throw node.unsupported("activation \"" + name + "\"");
    };
  }

  private static float number(NodeView node, float[] numbers, int index) {
    if (index >= numbers.length) {
      throw node.invalid("its activation has " + numbers.length + " numbers");
    }
    return numbers[index];
  }

  /// Two matrices are a Gemm; of more axes the last two are exchanged first.
  private static List<Node> matMul(NodeView node) {
    node.requireInputs(2, 2);
    if (node.flag("transBatchA", false) || node.flag("transBatchB", false)) {
      throw node.unsupported("batches that are transposed");
    }
    float alpha = node.real("alpha", 1);
    // ONNX Runtime, too, leaves a vector as it is.
    int rankA = node.info(0).shape().rank();
    int rankB = node.info(1).shape().rank();
    boolean transA = node.flag("transA", false) && rankA > 1;
    boolean transB = node.flag("transB", false) && rankB > 1;
    if (rankA == 2 && rankB == 2) {
      return node.with(new Gemm(alpha, 1, transA, transB));
    }
    Composition nodes = new Composition(node);
    String a = transA ? transposed(nodes, node.input(0), rankA) : node.input(0);
    String b = transB ? transposed(nodes, node.floats(1), rankB) : node.floats(1);
    if (alpha == 1) {
      return nodes.end(new MatMul(), a, b);
    }
    String factor = nodes.constant("alpha", Tensor.scalar(alpha));
    return nodes.end(new Mul(), nodes.then(new MatMul(), a, b), factor);
  }

  private static String transposed(Composition nodes, String value, int rank) {
    List<Integer> perm = new ArrayList<>();
    for (int i = 0; i < rank - 2; i++) {
      perm.add(i);
    }
    perm.add(rank - 1);
    perm.add(rank - 2);
    return nodes.then(new Transpose(perm), value);
  }
}
