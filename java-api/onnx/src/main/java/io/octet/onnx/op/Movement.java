package io.octet.onnx.op;

import io.octet.graph.Node;
import io.octet.graph.op.Movement.Concat;
import io.octet.graph.op.Movement.Dropout;
import io.octet.graph.op.Movement.Expand;
import io.octet.graph.op.Movement.Flatten;
import io.octet.graph.op.Movement.Identity;
import io.octet.graph.op.Movement.Reshape;
import io.octet.graph.op.Movement.Squeeze;
import io.octet.graph.op.Movement.Transpose;
import io.octet.graph.op.Movement.Unsqueeze;
import io.octet.graph.op.Op;
import io.octet.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// What moves elements and computes nothing.
final class Movement {
  /// What has no attributes.
  static final List<Op> PLAIN = List.of(new Identity(), new Expand());

  static final Map<String, Reader> READERS =
      Map.of(
          "Flatten", node -> node.with(new Flatten(node.int32("axis", 1))),
          "Reshape", node -> node.with(new Reshape(node.flag("allowzero", false))),
          "Transpose", node -> node.with(transpose(node)),
          "Concat", node -> node.with(concat(node)),
          "Squeeze", node -> node.withAxes(new Squeeze(), 13),
          "Unsqueeze", node -> node.withAxes(new Unsqueeze(), 13),
          "Dropout", Movement::dropout);

  private Movement() {}

  private static Transpose transpose(NodeView node) {
    int[] perm = node.integers("perm");
    return new Transpose(perm == null ? List.of() : Arrays.stream(perm).boxed().toList());
  }

  private static Concat concat(NodeView node) {
    if (!node.has("axis")) {
      throw node.invalid("has no attribute \"axis\"");
    }
    return new Concat(node.int32("axis", 0));
  }

  private static List<Node> dropout(NodeView node) {
    node.requireInputs(1, 3);
    node.ignore("ratio");
    node.ignore("seed");
    if (node.hasInput(2)) {
      Tensor training = node.constant(2).orElse(null);
      boolean known = training != null && training.elements() == 1 && !training.type().isFloat();
      if (!known || training.getInteger(0) != 0) {
        throw node.unsupported("training_mode may be set; export the model for inference");
      }
    }
    return node.with(new Dropout(), List.of(node.input(0)));
  }

  static void write(io.octet.graph.op.Movement op, NodeWriter to) {
    switch (op) {
      case Flatten(int axis) -> to.integer("axis", axis, 1);
      case Reshape(boolean allowZero) -> to.flag("allowzero", allowZero);
      case Transpose(List<Integer> perm) -> {
        if (!perm.isEmpty()) {
          to.integers("perm", perm.stream().mapToInt(Integer::intValue).toArray());
        }
      }
      case Concat(int axis) -> to.integer("axis", axis);
      case Identity(), Dropout(), Squeeze(), Unsqueeze(), Expand() -> {}
    }
  }
}
