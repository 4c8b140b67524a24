package io.octet.onnx.op;

import io.octet.graph.op.Op;
import io.octet.graph.op.Pooling.AveragePool;
import io.octet.graph.op.Pooling.GlobalAveragePool;
import io.octet.graph.op.Pooling.GlobalLpPool;
import io.octet.graph.op.Pooling.GlobalMaxPool;
import io.octet.graph.op.Pooling.LpPool;
import io.octet.graph.op.Pooling.MaxPool;
import io.octet.graph.op.Window;
import java.util.List;
import java.util.Map;

/// What a window takes together.
final class Pooling {
  /// What has no attributes.
  static final List<Op> PLAIN = List.of(new GlobalAveragePool(), new GlobalMaxPool());

  static final Map<String, Reader> READERS =
      Map.of(
          "MaxPool", node -> node.with(maxPool(node), node.inputs(), node.isRead(1) ? 2 : 1),
          "AveragePool", node -> node.with(averagePool(node)),
          "LpPool", node -> node.with(lpPool(node)),
          "GlobalLpPool", node -> node.with(new GlobalLpPool(node.int32("p", 2))));

  private Pooling() {}

  private static MaxPool maxPool(NodeView node) {
    return new MaxPool(
        Windows.read(node, null), node.flag("ceil_mode", false), node.flag("storage_order", false));
  }

  static AveragePool averagePool(NodeView node) {
    return new AveragePool(
        Windows.read(node, null),
        node.flag("ceil_mode", false),
        node.flag("count_include_pad", false));
  }

  private static LpPool lpPool(NodeView node) {
    return new LpPool(Windows.read(node, null), node.flag("ceil_mode", false), node.int32("p", 2));
  }

  /// AveragePool has had dilations since opset 19, LpPool dilations and ceil_mode since 18.
  static int opset(io.octet.graph.op.Pooling op) {
    return switch (op) {
      case AveragePool(Window window, boolean _, boolean _) -> isDilated(window) ? 19 : 17;
      case LpPool(Window window, boolean ceilMode, int _) ->
          isDilated(window) || ceilMode ? 18 : 17;
      case MaxPool _, GlobalAveragePool _, GlobalMaxPool _, GlobalLpPool _ -> 17;
    };
  }

  private static boolean isDilated(Window window) {
    return window.dilations().stream().anyMatch(d -> d != 1);
  }

  static void write(io.octet.graph.op.Pooling op, NodeWriter to) {
    switch (op) {
      case MaxPool(Window window, boolean ceilMode, boolean columnMajor) -> {
        Windows.write(window, to);
        to.flag("ceil_mode", ceilMode);
        to.flag("storage_order", columnMajor);
      }
      case AveragePool(Window window, boolean ceilMode, boolean countIncludePad) -> {
        Windows.write(window, to);
        to.flag("ceil_mode", ceilMode);
        to.flag("count_include_pad", countIncludePad);
      }
      case LpPool(Window window, boolean ceilMode, int p) -> {
        Windows.write(window, to);
        to.flag("ceil_mode", ceilMode);
        to.integer("p", p, 2);
      }
      case GlobalLpPool(int p) -> to.integer("p", p, 2);
      case GlobalAveragePool(), GlobalMaxPool() -> {}
    }
  }
}
