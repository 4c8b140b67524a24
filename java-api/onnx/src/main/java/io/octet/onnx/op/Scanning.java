package io.octet.onnx.op;

import io.octet.graph.Node;
import io.octet.graph.op.Scanning.ArgMax;
import io.octet.graph.op.Scanning.ArgMin;
import io.octet.graph.op.Scanning.CumSum;
import io.octet.graph.op.Scanning.TopK;
import java.util.List;
import java.util.Map;

/// What goes along one axis.
final class Scanning {
  static final Map<String, Reader> READERS =
      Map.of(
          "ArgMax",
          node -> node.with(new ArgMax(node.int32("axis", 0), keepDims(node), last(node))),
          "ArgMin",
          node -> node.with(new ArgMin(node.int32("axis", 0), keepDims(node), last(node))),
          "TopK",
          Scanning::topK,
          "CumSum",
          node ->
              node.with(new CumSum(node.flag("exclusive", false), node.flag("reverse", false))));

  private Scanning() {}

  private static boolean keepDims(NodeView node) {
    return node.flag("keepdims", true);
  }

  private static boolean last(NodeView node) {
    return node.opset() >= 12 && node.flag("select_last_index", false);
  }

  /// How many is an attribute until opset 9, an input since. They are sorted where nobody asks for
  /// that, too.
  private static List<Node> topK(NodeView node) {
    int axis = node.int32("axis", -1);
    boolean largest = node.opset() < 11 || node.flag("largest", true);
    if (node.opset() >= 11) {
      node.flag("sorted", true);
    }
    int outputs = node.isRead(1) ? 2 : 1;
    TopK op = new TopK(axis, largest);
    if (node.opset() >= 10) {
      node.requireInputs(2, 2);
      return node.with(op, node.inputs(), outputs);
    }
    node.requireInputs(1, 1);
    String k = node.constant("k", new long[] {node.integer("k", 0)});
    return node.with(op, List.of(node.input(0), k), outputs);
  }

  static void write(io.octet.graph.op.Scanning op, NodeWriter to) {
    switch (op) {
      case ArgMax(int axis, boolean keepDims, boolean last) -> place(axis, keepDims, last, to);
      case ArgMin(int axis, boolean keepDims, boolean last) -> place(axis, keepDims, last, to);
      case TopK(int axis, boolean largest) -> {
        to.integer("axis", axis, -1);
        to.integer("largest", largest ? 1 : 0, 1);
      }
      case CumSum(boolean exclusive, boolean reverse) -> {
        to.flag("exclusive", exclusive);
        to.flag("reverse", reverse);
      }
    }
  }

  private static void place(int axis, boolean keepDims, boolean last, NodeWriter to) {
    to.integer("axis", axis, 0);
    to.integer("keepdims", keepDims ? 1 : 0, 1);
    to.flag("select_last_index", last);
  }
}
