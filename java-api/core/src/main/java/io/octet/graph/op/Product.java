package io.octet.graph.op;

/// Products of matrices.
public sealed interface Product extends Op {
  /// `alpha * A' * B' + beta * C`. Inputs: A [M,K], B [K,N], optional C, broadcast to [M,N];
  /// transposed first where `transA` or `transB` says so.
  record Gemm(float alpha, float beta, boolean transA, boolean transB) implements Product {}

  /// Matrix product with broadcast batch axes, as numpy.matmul. Inputs: A, B.
  record MatMul() implements Product {}
}
