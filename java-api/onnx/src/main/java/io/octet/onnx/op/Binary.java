package io.octet.onnx.op;

import io.octet.graph.Node;
import io.octet.graph.op.Binary.Add;
import io.octet.graph.op.Binary.And;
import io.octet.graph.op.Binary.Div;
import io.octet.graph.op.Binary.Max;
import io.octet.graph.op.Binary.Min;
import io.octet.graph.op.Binary.Mul;
import io.octet.graph.op.Binary.Or;
import io.octet.graph.op.Binary.Pow;
import io.octet.graph.op.Binary.Sub;
import io.octet.graph.op.Unary.Clip;
import io.octet.tensor.DataType;
import java.util.List;
import java.util.Map;

/// Functions of two values. Max and Min of a value and numbers are clamps.
final class Binary {
  static final Map<String, Reader> READERS =
      Map.of(
          "Add", node -> node.with(2, 2, new Add()),
          "Mul", node -> node.with(2, 2, new Mul()),
          "Max", node -> clamp(node, true),
          "Min", node -> clamp(node, false));

  private Binary() {}

  /// The larger, or the smaller, of a value and constant numbers: PyTorch's exporter writes a clamp
  /// as Max and Min. Behind another clamp, one of both.
  private static List<Node> clamp(NodeView node, boolean larger) {
    node.requireInputs(1, Integer.MAX_VALUE);
    String data = null;
    float bound = larger ? Float.NEGATIVE_INFINITY : Float.POSITIVE_INFINITY;
    int rank = 0;
    for (int i = 0; i < node.inputs().size(); i++) {
      if (node.around().isKnown(node.input(i))) {
        float number = bound(node, i, bound);
        bound = larger ? Math.max(bound, number) : Math.min(bound, number);
        rank = Math.max(rank, node.around().known(node.input(i), node).shape().rank());
      } else if (data != null || !node.hasInput(i)) {
        throw node.unsupported("takes one value and constant numbers");
      } else {
        data = node.input(i);
      }
    }
    if (rank > 0 && rank > node.around().info(data, node).shape().rank()) {
      throw node.unsupported("its bound gives \"" + data + "\" more axes");
    }
    float min = larger ? bound : Float.NEGATIVE_INFINITY;
    float max = larger ? Float.POSITIVE_INFINITY : bound;
    Node inner = node.around().maker(data);
    if (inner != null && inner.op() instanceof Clip(float low, float high)) {
      Clip both = new Clip(Math.clamp(low, min, max), Math.clamp(high, min, max));
      return node.with(both, inner.inputs());
    }
    return node.with(new Clip(min, max), List.of(data));
  }

  /// An input that must be one constant number.
  static float bound(NodeView node, int input, float absent) {
    if (!node.hasInput(input)) {
      return absent;
    }
    Known bound = node.around().known(node.input(input), node);
    if (bound == null || bound.stored().type() != DataType.F32 || bound.stored().elements() != 1) {
      throw node.unsupported(
          "bound \""
              + node.input(input)
              + "\" must be one constant f32, but is "
              + (bound == null ? "no constant" : bound));
    }
    return bound.stored().getFloat(0);
  }

  static void write(io.octet.graph.op.Binary op) {
    switch (op) {
      case Add(), Mul(), Sub(), Div(), Pow() -> {}
      case Max(), Min(), And(), Or() -> {}
    }
  }
}
