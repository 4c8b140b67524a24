package io.octet.onnx;

import io.octet.onnx.op.NodeView;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.IdentityHashMap;
import java.util.Map;

/// Bounds what evaluating a file's constants may take: a kilobyte of nodes that double a constant
/// again and again would fill any memory. Larger models may have larger results.
final class FoldBudget {
  private static final long LEAST = 1L << 28;
  private static final int FACTOR = 4;

  private long most = Math.min(LEAST, Runtime.getRuntime().maxMemory() / 8);
  private final Map<MemorySegment, Boolean> counted = new IdentityHashMap<>();
  private long taken;

  /// Notes a constant that the file itself holds; of several that share their elements, one counts.
  void allow(Tensor constant) {
    if (counted.put(constant.data(), true) == null) {
      most += FACTOR * constant.data().byteSize();
    }
  }

  /// Called before a constant is computed.
  ///
  /// @throws io.octet.OctetException.Unsupported if it and those before it take too much
  void take(NodeView node, Shape shape, DataType type) {
    long bytes;
    try {
      bytes = Math.multiplyExact(shape.elements(), (long) type.bytes());
      taken = Math.addExact(taken, bytes);
    } catch (ArithmeticException _) {
      bytes = taken = Long.MAX_VALUE;
    }
    if (taken > most || bytes > Integer.MAX_VALUE - 8L) {
      throw node.unsupported(
          "its constant result "
              + shape
              + " takes "
              + (bytes == Long.MAX_VALUE ? "more than 2^63" : bytes)
              + " bytes; all that is computed of constants may take "
              + most);
    }
  }
}
