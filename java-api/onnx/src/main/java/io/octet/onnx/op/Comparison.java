package io.octet.onnx.op;

import io.octet.graph.op.Comparison.Equal;
import io.octet.graph.op.Comparison.Greater;
import io.octet.graph.op.Comparison.GreaterOrEqual;
import io.octet.graph.op.Comparison.Less;
import io.octet.graph.op.Comparison.LessOrEqual;
import java.util.Map;

/// Whether two values stand in a relation.
final class Comparison {
  static final Map<String, Reader> READERS =
      Map.of(
          "Equal", node -> node.with(new Equal()),
          "Greater", node -> node.with(new Greater()),
          "GreaterOrEqual", node -> node.with(new GreaterOrEqual()),
          "Less", node -> node.with(new Less()),
          "LessOrEqual", node -> node.with(new LessOrEqual()));

  private Comparison() {}

  static void write(io.octet.graph.op.Comparison op) {
    switch (op) {
      case Equal(), Greater(), GreaterOrEqual(), Less(), LessOrEqual() -> {}
    }
  }
}
