package io.octet.onnx.op;

import io.octet.graph.Node;
import io.octet.graph.op.Unary.Abs;
import io.octet.graph.op.Unary.Cast;
import io.octet.graph.op.Unary.Ceil;
import io.octet.graph.op.Unary.Clip;
import io.octet.graph.op.Unary.Erf;
import io.octet.graph.op.Unary.Exp;
import io.octet.graph.op.Unary.Floor;
import io.octet.graph.op.Unary.HardSigmoid;
import io.octet.graph.op.Unary.HardSwish;
import io.octet.graph.op.Unary.LeakyRelu;
import io.octet.graph.op.Unary.Log;
import io.octet.graph.op.Unary.Neg;
import io.octet.graph.op.Unary.Not;
import io.octet.graph.op.Unary.Reciprocal;
import io.octet.graph.op.Unary.Relu;
import io.octet.graph.op.Unary.Round;
import io.octet.graph.op.Unary.Sigmoid;
import io.octet.graph.op.Unary.Sqrt;
import io.octet.graph.op.Unary.Tanh;
import io.octet.tensor.DataType;
import io.octet.tensor.Tensor;
import java.util.List;
import java.util.Map;

/// Functions of one value.
final class Unary {
  static final Map<String, Reader> READERS =
      Map.of(
          "Relu", node -> node.with(1, 1, new Relu()),
          "Clip", Unary::clip,
          "LeakyRelu", node -> node.with(1, 1, new LeakyRelu(node.real("alpha", 0.01f))),
          "Sigmoid", node -> node.with(1, 1, new Sigmoid()),
          "HardSigmoid",
              node ->
                  node.with(
                      1, 1, new HardSigmoid(node.real("alpha", 0.2f), node.real("beta", 0.5f))),
          "HardSwish", node -> node.since(14).with(1, 1, new HardSwish()),
          "Tanh", node -> node.with(1, 1, new Tanh()));

  private Unary() {}

  /// Bounds are attributes until opset 10, inputs since.
  private static List<Node> clip(NodeView node) {
    if (node.opset() < 11) {
      node.requireInputs(1, 1);
      float min = node.real("min", -Float.MAX_VALUE);
      float max = node.real("max", Float.MAX_VALUE);
      return node.with(new Clip(min, max), node.inputs());
    }
    node.requireInputs(1, 3);
    float min = Binary.bound(node, 1, Float.NEGATIVE_INFINITY);
    float max = Binary.bound(node, 2, Float.POSITIVE_INFINITY);
    return node.with(new Clip(min, max), List.of(node.input(0)));
  }

  static void write(io.octet.graph.op.Unary op, NodeWriter to) {
    switch (op) {
      case Clip(float min, float max) -> {
        if (min != Float.NEGATIVE_INFINITY) {
          bound(1, min, to);
        }
        if (max != Float.POSITIVE_INFINITY) {
          bound(2, max, to);
        }
      }
      case LeakyRelu(float alpha) -> to.real("alpha", alpha, 0.01f);
      case HardSigmoid(float alpha, float beta) -> {
        to.real("alpha", alpha, 0.2f);
        to.real("beta", beta, 0.5f);
      }
      case Cast(DataType type) -> to.integer("to", ElementTypes.code(type).getNumber());
      case Relu(), Sigmoid(), HardSwish(), Tanh() -> {}
      case Neg(), Abs(), Sqrt(), Reciprocal(), Exp(), Log(), Erf() -> {}
      case Floor(), Ceil(), Round(), Not() -> {}
    }
  }

  private static void bound(int input, float value, NodeWriter to) {
    to.input(input, Float.floatToRawIntBits(value), "clip_" + value, Tensor.scalar(value));
  }
}
