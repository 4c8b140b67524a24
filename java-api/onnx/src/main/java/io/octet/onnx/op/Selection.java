package io.octet.onnx.op;

import io.octet.graph.Node;
import io.octet.graph.op.Op;
import io.octet.graph.op.Selection.Gather;
import io.octet.graph.op.Selection.Slice;
import io.octet.graph.op.Selection.Where;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What picks elements.
final class Selection {
  /// What has no attributes.
  static final List<Op> PLAIN = List.of(new Where());

  static final Map<String, Reader> READERS =
      Map.of(
          "Gather",
          node -> node.with(new Gather(node.int32("axis", 0))),
          "Slice",
          Selection::slice);

  private Selection() {}

  /// Starts, ends, axes and steps are inputs since opset 10, attributes before.
  private static List<Node> slice(NodeView node) {
    if (node.opset() >= 10) {
      return node.with(new Slice());
    }
    node.requireInputs(1, 1);
    List<String> inputs = new ArrayList<>(node.inputs());
    for (String attribute : List.of("starts", "ends", "axes")) {
      long[] places = node.longs(attribute);
      if (places != null) {
        inputs.add(node.constant(attribute, places));
      } else if (!attribute.equals("axes")) {
        throw node.invalid("has no attribute \"" + attribute + "\"");
      }
    }
    return node.with(new Slice(), inputs);
  }

  static void write(io.octet.graph.op.Selection op, NodeWriter to) {
    switch (op) {
      case Gather(int axis) -> to.integer("axis", axis, 0);
      case Slice(), Where() -> {}
    }
  }
}
