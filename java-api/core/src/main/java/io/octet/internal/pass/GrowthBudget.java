package io.octet.internal.pass;

import io.octet.OctetException.Unsupported;
import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.IdentityHashMap;
import java.util.Map;

/// Bounds the constants that preparing a graph may compute: nodes that double a constant again and
/// again, or layers that each fold something else into weights that they share, would fill any
/// memory. A graph with larger constants may have larger results.
final class GrowthBudget {
  private static final long LEAST = 1L << 28;
  private static final int FACTOR = 4;

  private final long most;
  private long taken;

  GrowthBudget(Graph graph) {
    this(graph, Math.min(LEAST, Runtime.getRuntime().maxMemory() / 8));
  }

  /// @param least bytes that may be computed of the smallest constants
  GrowthBudget(Graph graph, long least) {
    Map<MemorySegment, Boolean> counted = new IdentityHashMap<>();
    long bytes = 0;
    for (Tensor constant : graph.initializers().values()) {
      if (counted.put(constant.data(), true) == null) {
        bytes += constant.data().byteSize();
      }
    }
    most = least + FACTOR * bytes;
  }

  /// Called before a constant is computed.
  ///
  /// @throws Unsupported if it and those before it take too much
  void take(Node node, Shape shape, DataType type) {
    long bytes = Math.multiplyExact(shape.elements(), (long) type.bytes());
    if (bytes > most - taken || shape.elements() > Integer.MAX_VALUE - 8L) {
      throw new Unsupported(
          node
              + ": a constant "
              + type
              + shape
              + " takes "
              + bytes
              + " bytes; beside the "
              + taken
              + " that were computed of constants before, at most "
              + most
              + " may be");
    }
    taken += bytes;
  }
}
