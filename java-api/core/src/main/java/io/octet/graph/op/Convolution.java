package io.octet.graph.op;

/// Sums of products over a window that slides along the spatial axes.
public sealed interface Convolution extends Op {
  /// 2-D convolution. Inputs: X [N,C,H,W], W [M,C/groups,kH,kW], optional B [M].
  record Conv(Window window, int groups) implements Convolution {
    /// Refuses fewer than one group.
    public Conv {
      if (groups < 1) {
        throw new IllegalArgumentException("groups must be at least 1, but is " + groups);
      }
    }
  }
}
