package io.octet.onnx.op;

import ai.onnx.proto.OnnxMl.TensorProto;
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
import io.octet.tensor.DataType;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// What moves elements and computes nothing.
final class Movement {
  static final Map<String, Reader> READERS =
      Map.of(
          "Flatten", node -> node.with(1, 1, new Flatten(node.int32("axis", 1))),
          "Reshape", node -> node.with(2, 2, new Reshape(node.flag("allowzero", false))),
          "Transpose", node -> node.with(1, 1, transpose(node)),
          "Concat", node -> node.with(1, Integer.MAX_VALUE, concat(node)),
          "Identity", node -> node.with(1, 1, new Identity()),
          "Dropout", Movement::dropout,
          "Cast", Movement::cast);

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
      Known training = node.around().constant(node.input(2));
      boolean known =
          training != null
              && training.stored().type().isInt8()
              && training.stored().elements() == 1;
      if (!known || training.integer(0) != 0) {
        throw node.unsupported("training_mode may be set; export the model for inference");
      }
    }
    return node.with(new Dropout(), List.of(node.input(0)));
  }

  /// To the type that the value has: exporters leave such casts.
  private static List<Node> cast(NodeView node) {
    node.requireInputs(1, 1);
    node.ignore("saturate"); // It concerns float8 alone.
    int to = node.int32("to", 0);
    DataType type = node.info(0).type();
    if (to != ElementTypes.code(type).getNumber()) {
      throw node.unsupported(
          "casts \""
              + node.input(0)
              + "\" from "
              + type
              + " to "
              + TensorProto.DataType.forNumber(to));
    }
    return node.with(new Identity(), node.inputs());
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
