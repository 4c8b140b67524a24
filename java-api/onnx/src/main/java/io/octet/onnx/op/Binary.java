package io.octet.onnx.op;

import io.octet.graph.Node;
import io.octet.graph.op.Binary.Add;
import io.octet.graph.op.Binary.And;
import io.octet.graph.op.Binary.BitShift;
import io.octet.graph.op.Binary.BitwiseAnd;
import io.octet.graph.op.Binary.BitwiseOr;
import io.octet.graph.op.Binary.BitwiseXor;
import io.octet.graph.op.Binary.Div;
import io.octet.graph.op.Binary.Max;
import io.octet.graph.op.Binary.Min;
import io.octet.graph.op.Binary.Mod;
import io.octet.graph.op.Binary.Mul;
import io.octet.graph.op.Binary.Or;
import io.octet.graph.op.Binary.PRelu;
import io.octet.graph.op.Binary.Pow;
import io.octet.graph.op.Binary.Sub;
import io.octet.graph.op.Binary.Xor;
import io.octet.graph.op.Movement.Identity;
import io.octet.graph.op.Op;
import io.octet.graph.op.Unary.Clip;
import io.octet.tensor.DataType;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Functions of two values. Max and Min of a value and numbers are clamps.
final class Binary {
  /// What has no attributes.
  static final List<Op> PLAIN =
      List.of(
          new Add(),
          new Mul(),
          new Sub(),
          new Div(),
          new Pow(),
          new PRelu(),
          new And(),
          new Or(),
          new Xor(),
          new BitwiseAnd(),
          new BitwiseOr(),
          new BitwiseXor());

  static final Map<String, Reader> READERS =
      Map.of(
          "Max", node -> extremum(node, true),
          "Min", node -> extremum(node, false),
          "Mod", node -> node.with(new Mod(node.flag("fmod", false))),
          "BitShift", node -> node.with(new BitShift(isLeft(node))),
          "Sum", node -> sum(node, false),
          "Mean", node -> sum(node, true));

  private Binary() {}

  private static boolean isLeft(NodeView node) {
    String direction = node.text("direction", "");
    return switch (direction) {
      case "LEFT" -> true;
      case "RIGHT" -> false;
      default -> throw node.invalid("direction is \"" + direction + "\"");
    };
  }

  /// One Add after the other, and a division by their number.
  private static List<Node> sum(NodeView node, boolean mean) {
    int count = node.inputs().size();
    node.requireInputs(Math.max(1, count), Integer.MAX_VALUE);
    if (count == 1) {
      return node.with(new Identity(), node.inputs());
    }
    Composition nodes = new Composition(node);
    String sum = node.input(0);
    for (int i = 1; i < count - 1; i++) {
      sum = nodes.then(new Add(), sum, node.input(i));
    }
    if (!mean) {
      return nodes.end(new Add(), sum, node.input(count - 1));
    }
    sum = nodes.then(new Add(), sum, node.input(count - 1));
    return nodes.end(new Div(), sum, nodes.scalar("count", count));
  }

  private static List<Node> extremum(NodeView node, boolean larger) {
    Op op = larger ? new Max() : new Min();
    List<Node> plain = node.with(op);
    String data = null;
    List<Tensor> numbers = new ArrayList<>();
    for (int i = 0; i < node.inputs().size(); i++) {
      Tensor constant = node.constant(i).orElse(null);
      if (constant != null) {
        numbers.add(constant);
      } else if (data != null) {
        return plain;
      } else {
        data = node.input(i);
      }
    }
    return data != null && areBounds(node, data, numbers)
        ? clamp(node, data, numbers, larger)
        : plain;
  }

  /// Whether each is one number, and gives the value no further axes.
  private static boolean areBounds(NodeView node, String data, List<Tensor> numbers) {
    int rank = node.around().info(data, node).shape().rank();
    return !numbers.isEmpty()
        && numbers.stream()
            .allMatch(
                t -> t.type() == DataType.F32 && t.elements() == 1 && t.shape().rank() <= rank);
  }

  /// The larger, or the smaller, of a value and constant numbers: PyTorch's exporter writes a clamp
  /// as Max and Min. Behind another clamp, one of both.
  private static List<Node> clamp(
      NodeView node, String data, List<Tensor> numbers, boolean larger) {
    float bound = larger ? Float.NEGATIVE_INFINITY : Float.POSITIVE_INFINITY;
    for (Tensor number : numbers) {
      float n = number.getFloat(0);
      bound = larger ? Math.max(bound, n) : Math.min(bound, n);
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

  static void write(io.octet.graph.op.Binary op, NodeWriter to) {
    switch (op) {
      case Mod(boolean fmod) -> to.flag("fmod", fmod);
      case BitShift(boolean left) -> to.text("direction", left ? "LEFT" : "RIGHT");
      case Add(), Mul(), Sub(), Div(), Pow(), PRelu() -> {}
      case Max(), Min(), And(), Or(), Xor() -> {}
      case BitwiseAnd(), BitwiseOr(), BitwiseXor() -> {}
    }
  }
}
