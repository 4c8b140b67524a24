package io.octet.onnx.op;

import io.octet.graph.op.Selection.Gather;
import io.octet.graph.op.Selection.Slice;
import io.octet.graph.op.Selection.Where;

/// What picks elements.
final class Selection {
  private Selection() {}

  static void write(io.octet.graph.op.Selection op, NodeWriter to) {
    switch (op) {
      case Gather(int axis) -> to.integer("axis", axis, 0);
      case Slice(), Where() -> {}
    }
  }
}
