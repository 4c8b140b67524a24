package io.octet.graph.op;

/// Functions of two values, applied to each pair of elements under numpy's broadcasting.
public sealed interface Binary extends Op {
  /// Elementwise sum with numpy's broadcasting. Inputs: A, B.
  record Add() implements Binary {}

  /// Elementwise product with numpy's broadcasting. Inputs: A, B.
  record Mul() implements Binary {}
}
