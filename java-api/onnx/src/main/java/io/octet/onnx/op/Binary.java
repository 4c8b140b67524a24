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
      List.of(new Add(), new Mul(), new Sub(), new Div(), new Pow(), new And(), new Or());

  static final Map<String, Reader> READERS =
      Map.of(
          "Max", node -> extremum(node, true),
          "Min", node -> extremum(node, false));

  private Binary() {}

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

  static void write(io.octet.graph.op.Binary op) {
    switch (op) {
      case Add(), Mul(), Sub(), Div(), Pow() -> {}
      case Max(), Min(), And(), Or() -> {}
    }
  }
}
