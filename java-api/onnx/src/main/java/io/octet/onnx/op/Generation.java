package io.octet.onnx.op;

import io.octet.OctetException.Unsupported;
import io.octet.graph.op.Generation.ConstantOfShape;
import io.octet.graph.op.Generation.Range;
import io.octet.graph.op.Generation.Shape;
import io.octet.graph.op.Generation.Size;

/// What makes values of sizes and numbers.
final class Generation {
  private Generation() {}

  static void write(io.octet.graph.op.Generation op, NodeWriter to) {
    switch (op) {
      case Shape(int start, int end) -> {
        to.integer("start", start, 0);
        to.integer("end", end, Integer.MAX_VALUE);
      }
      case ConstantOfShape c -> throw new Unsupported(c + " is not written yet");
      case Size(), Range() -> {}
    }
  }
}
