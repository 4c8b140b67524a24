package io.octet.internal.kernel.onednn;

/// What oneDNN does to a result, in float, before it is divided by the destination's scale.
sealed interface PostOp {

  /// `max(x, 0)`.
  record Relu() implements PostOp {}

  /// `min(max(x, low), high)`.
  record Clip(float low, float high) implements PostOp {}

  /// One of oneDNN's element functions.
  record Eltwise(int algorithm, float alpha, float beta) implements PostOp {}

  /// `alpha * x + beta`.
  record Linear(float alpha, float beta) implements PostOp {}

  /// `rint(x)`, halves to even.
  record Round() implements PostOp {}

  /// Adds what the destination holds before the call: `x + scale * (old - zeroPoint)`. The old
  /// values may be read as another type of the same width.
  record Sum(float scale, int zeroPoint, int type) implements PostOp {}

  /// `x + operand` or `x * operand`, broadcast along dimensions of length 1.
  ///
  /// @param algorithm BINARY_ADD or BINARY_MUL
  /// @param operand stays the caller's
  record Binary(int algorithm, MemoryDesc operand) implements PostOp {}
}
