package io.octet.onnx.op;

import io.octet.graph.op.Op;
import io.octet.graph.op.Product.Einsum;
import io.octet.graph.op.Product.Gemm;
import io.octet.graph.op.Product.MatMul;
import io.octet.graph.op.Product.MatMulInteger;
import java.util.List;
import java.util.Map;

/// Products of matrices.
final class Product {
  /// What has no attributes.
  static final List<Op> PLAIN = List.of(new MatMul(), new MatMulInteger());

  static final Map<String, Reader> READERS =
      Map.of("Gemm", node -> node.with(gemm(node)), "Einsum", Contraction::read);

  private Product() {}

  static Gemm gemm(NodeView node) {
    return new Gemm(
        node.real("alpha", 1),
        node.real("beta", 1),
        node.flag("transA", false),
        node.flag("transB", false));
  }

  static void write(io.octet.graph.op.Product op, NodeWriter to) {
    switch (op) {
      case Gemm(float alpha, float beta, boolean transA, boolean transB) -> {
        to.real("alpha", alpha, 1);
        to.real("beta", beta, 1);
        to.flag("transA", transA);
        to.flag("transB", transB);
      }
      case Einsum(String equation) -> to.text("equation", equation);
      case MatMul(), MatMulInteger() -> {}
    }
  }
}
