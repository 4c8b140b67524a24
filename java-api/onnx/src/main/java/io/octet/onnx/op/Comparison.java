package io.octet.onnx.op;

import io.octet.graph.op.Comparison.Equal;
import io.octet.graph.op.Comparison.Greater;
import io.octet.graph.op.Comparison.GreaterOrEqual;
import io.octet.graph.op.Comparison.Less;
import io.octet.graph.op.Comparison.LessOrEqual;
import io.octet.graph.op.Op;
import java.util.List;

/// Whether two values stand in a relation.
final class Comparison {
  /// None has attributes.
  static final List<Op> PLAIN =
      List.of(new Equal(), new Greater(), new GreaterOrEqual(), new Less(), new LessOrEqual());

  private Comparison() {}

  static void write(io.octet.graph.op.Comparison op) {
    switch (op) {
      case Equal(), Greater(), GreaterOrEqual(), Less(), LessOrEqual() -> {}
    }
  }
}
