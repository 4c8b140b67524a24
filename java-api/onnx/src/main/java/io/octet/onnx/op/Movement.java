package io.octet.onnx.op;

import io.octet.graph.Node;
import io.octet.graph.op.Movement.Concat;
import io.octet.graph.op.Movement.Dropout;
import io.octet.graph.op.Movement.Expand;
import io.octet.graph.op.Movement.Flatten;
import io.octet.graph.op.Movement.Identity;
import io.octet.graph.op.Movement.Reshape;
import io.octet.graph.op.Movement.Split;
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
          "Split", Movement::split,
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

  /// Sizes are an attribute until opset 12, an input since; the number of pieces is an attribute
  /// since opset 18, before it is that of the outputs.
  private static List<Node> split(NodeView node) {
    int outputs = node.outputCount();
    int axis = node.int32("axis", 0);
    long[] sizes = node.opset() < 13 ? node.longs("split") : null;
    if (sizes != null) {
      node.requireInputs(1, 1);
      List<String> inputs = List.of(node.input(0), node.constant("split", sizes));
      return node.with(new Split(axis, 0), inputs, outputs);
    }
    node.requireInputs(1, node.opset() < 13 ? 1 : 2);
    if (node.hasInput(1)) {
      return node.with(new Split(axis, 0), node.inputs(), outputs);
    }
    if (node.opset() >= 18 && node.integer("num_outputs", outputs) != outputs) {
      throw node.invalid("its num_outputs is not that of its " + outputs + " outputs");
    }
    return node.with(new Split(axis, outputs), List.of(node.input(0)), outputs);
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

  /// The oldest opset that has the operator as it is written.
  static int opset(io.octet.graph.op.Movement op) {
    return switch (op) {
      case Split(int _, int parts) -> parts > 0 ? 18 : 13;
      case Flatten _, Reshape _, Transpose _, Concat _, Squeeze _, Unsqueeze _, Expand _ -> 13;
      case Identity _, Dropout _ -> 13;
    };
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
      case Split(int axis, int parts) -> {
        to.integer("axis", axis, 0);
        to.integer("num_outputs", parts, 0);
      }
      case Identity(), Dropout(), Squeeze(), Unsqueeze(), Expand() -> {}
    }
  }
}
