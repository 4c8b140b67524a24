package io.octet.onnx.op;

import io.octet.graph.op.Op;
import io.octet.graph.op.Pooling.AveragePool;
import io.octet.graph.op.Pooling.GlobalAveragePool;
import io.octet.graph.op.Pooling.MaxPool;
import io.octet.graph.op.Window;
import java.util.List;
import java.util.Map;

/// What a window takes together.
final class Pooling {
  /// What has no attributes.
  static final List<Op> PLAIN = List.of(new GlobalAveragePool());

  static final Map<String, Reader> READERS =
      Map.of(
          "MaxPool", node -> node.with(maxPool(node)),
          "AveragePool", node -> node.with(averagePool(node)));

  private Pooling() {}

  private static MaxPool maxPool(NodeView node) {
    node.ignore("storage_order"); // It orders the indices, which are refused where they are read.
    return new MaxPool(Windows.read(node, null), node.flag("ceil_mode", false));
  }

  private static AveragePool averagePool(NodeView node) {
    return new AveragePool(
        Windows.read(node, null),
        node.flag("ceil_mode", false),
        node.flag("count_include_pad", false));
  }

  /// AveragePool has had dilations since opset 19.
  static int opset(io.octet.graph.op.Pooling op) {
    return op instanceof AveragePool(Window window, boolean _, boolean _)
            && (window.dilationH() != 1 || window.dilationW() != 1)
        ? 19
        : 17;
  }

  static void write(io.octet.graph.op.Pooling op, NodeWriter to) {
    switch (op) {
      case MaxPool(Window window, boolean ceilMode) -> {
        Windows.write(window, to);
        to.flag("ceil_mode", ceilMode);
      }
      case AveragePool(Window window, boolean ceilMode, boolean countIncludePad) -> {
        Windows.write(window, to);
        to.flag("ceil_mode", ceilMode);
        to.flag("count_include_pad", countIncludePad);
      }
      case GlobalAveragePool() -> {}
    }
  }
}
