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
/// memory, and a window as large as its image, or an equation of many letters, would take any time.
/// A graph with larger constants may have larger results.
public final class GrowthBudget {
  private static final long LEAST = 1L << 28;
  private static final int FACTOR = 4;

  /// Elements that are read, the work of some seconds: what bytes allow of sums and moves is less.
  private static final double LEAST_READS = 1L << 30;

  /// For each byte of a constant.
  private static final int READS = 16;

  private final Map<MemorySegment, Boolean> counted = new IdentityHashMap<>();
  private long most;
  private long taken;
  private double reads = LEAST_READS;

  /// For constants that are still to be named.
  public GrowthBudget() {
    this.most = Math.min(LEAST, Runtime.getRuntime().maxMemory() / 8);
  }

  /// For the constants of a graph.
  GrowthBudget(Graph graph) {
    this();
    graph.initializers().values().forEach(this::allow);
  }

  /// Notes a constant that is given; of several that share their elements, one counts.
  public void allow(Tensor constant) {
    if (counted.put(constant.data(), true) == null) {
      most += FACTOR * constant.data().byteSize();
      reads += (double) READS * constant.data().byteSize();
    }
  }

  /// Whether a constant may be computed for which so many elements are read; they count if so.
  boolean affords(double elements) {
    if (elements > reads) {
      return false;
    }
    reads -= elements;
    return true;
  }

  /// Called before a constant is computed.
  ///
  /// @throws Unsupported if it and those before it take too much
  public void take(Node node, Shape shape, DataType type) {
    long bytes = bytes(shape, type);
    if (bytes > most - taken || bytes / type.bytes() > Integer.MAX_VALUE - 8L) {
      throw new Unsupported(
          node
              + ": a constant "
              + type
              + shape
              + " takes "
              + (bytes == Long.MAX_VALUE ? "more than 2^63" : bytes)
              + " bytes; beside the "
              + taken
              + " that were computed of constants before, at most "
              + most
              + " may be");
    }
    taken += bytes;
  }

  /// How many, or the largest number where a long does not count them.
  private static long bytes(Shape shape, DataType type) {
    try {
      return Math.multiplyExact(shape.elements(), (long) type.bytes());
    } catch (ArithmeticException _) {
      return Long.MAX_VALUE;
    }
  }
}
