package io.octet.onnx.op;

import io.octet.graph.Node;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Op;
import io.octet.graph.op.Product.Gemm;
import io.octet.graph.op.Product.MatMul;
import io.octet.graph.op.Unary;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// The operators over integers that carry their scales with them, ONNX's and those of
/// com.microsoft. Each is read as the operator over reals between DequantizeLinear and
/// QuantizeLinear, which is what it means.
final class QOperator {
  /// ONNX's own.
  static final Map<String, Reader> READERS =
      Map.of("QLinearConv", QOperator::conv, "QLinearMatMul", QOperator::matMul);

  /// Those of com.microsoft.
  static final Map<String, Reader> MICROSOFT =
      Map.ofEntries(
          Map.entry("QLinearAdd", node -> binary(node, new Binary.Add())),
          Map.entry("QLinearMul", node -> binary(node, new Binary.Mul())),
          Map.entry("QLinearConcat", QOperator::concat),
          Map.entry(
              "QLinearLeakyRelu",
              node -> unary(node, new Unary.LeakyRelu(node.real("alpha", 0.01f)))),
          Map.entry("QLinearSigmoid", node -> unary(node, new Unary.Sigmoid())),
          Map.entry(
              "QLinearGlobalAveragePool",
              node -> pool(node, new io.octet.graph.op.Pooling.GlobalAveragePool())),
          Map.entry("QLinearAveragePool", node -> pool(node, Pooling.averagePool(node))),
          Map.entry("QGemm", QOperator::gemm),
          Map.entry("DynamicQuantizeMatMul", QOperator::dynamicMatMul),
          Map.entry("MatMulIntegerToFloat", QOperator::integersToFloat),
          Map.entry("QuantizeLinear", Quantization.READERS.get("QuantizeLinear")),
          Map.entry("DequantizeLinear", Quantization.READERS.get("DequantizeLinear")));

  private QOperator() {}

  /// x, scale, zero point, w, scale, zero point, y's scale, zero point, optional bias.
  private static List<Node> conv(NodeView node) {
    node.requireInputs(8, 9);
    Between nodes = new Between(node);
    List<String> inputs = new ArrayList<>();
    inputs.add(nodes.dequantized(0, 1, 2, 1));
    inputs.add(nodes.dequantized(3, 4, 5, 0));
    nodes.bias(8, 1, 4, 0).ifPresent(inputs::add);
    return nodes.quantized(nodes.core(Convolution.conv(node, 3), inputs), 6, 7);
  }

  /// a, scale, zero point, b, scale, zero point, y's scale, zero point; scales of a may be one for
  /// each row, those of b one for each column.
  private static List<Node> matMul(NodeView node) {
    node.requireInputs(8, 8);
    Between nodes = new Between(node);
    String a = nodes.dequantized(0, 1, 2, Math.max(0, rank(node, 0) - 2));
    String b = nodes.dequantized(3, 4, 5, Math.max(0, rank(node, 3) - 1));
    return nodes.quantized(nodes.core(new MatMul(), List.of(a, b)), 6, 7);
  }

  /// a, scale, zero point, b, scale, zero point, y's scale, optional zero point.
  private static List<Node> binary(NodeView node, Op op) {
    node.requireInputs(2, 8);
    requireScales(node, 1, 4, 6);
    Between nodes = new Between(node);
    String a = nodes.dequantized(0, 1, 2, 0);
    String b = nodes.dequantized(3, 4, 5, 0);
    return nodes.quantized(nodes.core(op, List.of(a, b)), 6, 7);
  }

  /// x, scale, zero point, y's scale, optional zero point.
  private static List<Node> unary(NodeView node, Op op) {
    node.requireInputs(1, 5);
    requireScales(node, 1, 3);
    Between nodes = new Between(node);
    String x = nodes.dequantized(0, 1, 2, 0);
    return nodes.quantized(nodes.core(op, List.of(x)), 3, 4);
  }

  /// As a unary; the channels may be the last axis.
  private static List<Node> pool(NodeView node, Op op) {
    if (!node.flag("channels_last", false)) {
      return unary(node, op);
    }
    node.requireInputs(1, 5);
    requireScales(node, 1, 3);
    Between nodes = new Between(node);
    int rank = rank(node, 0);
    List<Integer> toFirst = new ArrayList<>(List.of(0, rank - 1));
    IntStream.range(1, rank - 1).forEach(toFirst::add);
    List<Integer> toLast = new ArrayList<>(List.of(0));
    IntStream.range(2, rank).forEach(toLast::add);
    toLast.add(1);
    String x = nodes.dequantized(0, 1, 2, 0);
    String first = nodes.step(node.output() + "_nchw", new Movement.Transpose(toFirst), List.of(x));
    String pooled = nodes.core(op, List.of(first));
    String last =
        nodes.step(node.output() + "_nhwc", new Movement.Transpose(toLast), List.of(pooled));
    return nodes.quantized(last, 3, 4);
  }

  /// y's scale, zero point, then three inputs for each value.
  private static List<Node> concat(NodeView node) {
    node.requireInputs(5, Integer.MAX_VALUE);
    int count = node.inputs().size();
    if (count % 3 != 2) {
      throw node.invalid("takes two inputs and three for each value, but has " + count);
    }
    Between nodes = new Between(node);
    List<String> values = new ArrayList<>();
    for (int i = 2; i < count; i += 3) {
      values.add(nodes.dequantized(i, i + 1, i + 2, 0));
    }
    Op op = new Movement.Concat(node.int32("axis", 0));
    return nodes.quantized(nodes.core(op, values), 0, 1);
  }

  /// a, scale, zero point, b, scale, zero point, optional c at alpha times both scales, optional
  /// scale and zero point of y: without them y is real.
  private static List<Node> gemm(NodeView node) {
    node.requireInputs(6, 9);
    float alpha = node.real("alpha", 1);
    boolean transA = node.flag("transA", false);
    boolean transB = node.flag("transB", false);
    Between nodes = new Between(node);
    List<String> inputs = new ArrayList<>();
    inputs.add(nodes.dequantized(0, 1, 2, transA ? 1 : 0));
    inputs.add(nodes.dequantized(3, 4, 5, transB ? 0 : 1));
    nodes.bias(6, 1, 4, node.hasInput(6) ? rank(node, 6) - 1 : 0).ifPresent(inputs::add);
    // C is counted in products that alpha has not multiplied yet.
    Op op = new Gemm(alpha, inputs.size() == 3 ? alpha : 1, transA, transB);
    return node.hasInput(7)
        ? nodes.quantized(nodes.core(op, inputs), 7, 8)
        : nodes.real(op, inputs);
  }

  /// a real, b, scale, optional zero point, optional real bias.
  private static List<Node> dynamicMatMul(NodeView node) {
    node.requireInputs(3, 5);
    Between nodes = new Between(node);
    String a = nodes.dynamic(0);
    String b = nodes.dequantized(1, 2, 3, Math.max(0, rank(node, 1) - 1));
    return product(node, nodes, a, b, 4);
  }

  /// a, b, their scales, optional zero points, optional real bias.
  private static List<Node> integersToFloat(NodeView node) {
    node.requireInputs(4, 7);
    Between nodes = new Between(node);
    String a = nodes.dequantized(0, 2, 4, Math.max(0, rank(node, 0) - 2));
    String b = nodes.dequantized(1, 3, 5, Math.max(0, rank(node, 1) - 1));
    return product(node, nodes, a, b, 6);
  }

  private static List<Node> product(NodeView node, Between nodes, String a, String b, int bias) {
    return node.hasInput(bias)
        ? nodes.sum(nodes.core(new MatMul(), List.of(a, b)), node.input(bias))
        : nodes.real(new MatMul(), List.of(a, b));
  }

  private static void requireScales(NodeView node, int... scales) {
    for (int scale : scales) {
      if (!node.hasInput(scale)) {
        throw node.invalid("has no scale: input " + scale + " is missing");
      }
    }
  }

  private static int rank(NodeView node, int input) {
    return node.info(input).shape().rank();
  }
}
