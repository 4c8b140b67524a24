package io.octet.graph.op;

import java.util.List;

/// What moves elements, or says their shape anew, and computes nothing.
public sealed interface Movement extends Op {
  /// To two axes: those before `axis` multiplied, and the others. A negative axis counts from the
  /// end.
  record Flatten(int axis) implements Movement {}

  /// Inputs: data, shape (s64; 0 copies the axis unless `allowZero`, -1 is inferred).
  record Reshape(boolean allowZero) implements Movement {}

  /// Axis i of the output is axis `perm[i]` of the input; an empty list reverses all axes.
  record Transpose(List<Integer> perm) implements Movement {
    /// Copies the list.
    public Transpose {
      perm = List.copyOf(perm);
    }
  }

  /// Joins all inputs along `axis`.
  record Concat(int axis) implements Movement {}

  /// Its input.
  record Identity() implements Movement {}

  /// Its input: this is inference.
  record Dropout() implements Movement {}
}
