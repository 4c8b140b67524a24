package io.octet.internal.reference;

import io.octet.graph.op.Product.Einsum;
import io.octet.graph.op.Product.Gemm;
import io.octet.graph.op.Product.MatMul;
import io.octet.graph.op.Product.MatMulInteger;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.List;

/// Products of matrices.
final class Product {
  private Product() {}

  static void evaluate(io.octet.graph.op.Product op, List<Tensor> in, Tensor y) {
    switch (op) {
      case Gemm gemm -> gemm(gemm, in, y);
      case Einsum einsum -> {
        List<Integer> ranks = in.stream().map(x -> x.shape().rank()).toList();
        Sums.evaluate(einsum.over(ranks), in, y);
      }
      case MatMul() -> matMul(in.get(0), in.get(1), y);
      case MatMulInteger() -> integers(in, y);
    }
  }

  /// How many products are summed for each element, at most.
  static double terms(io.octet.graph.op.Product op, List<Tensor> in) {
    return switch (op) {
      case Einsum einsum -> {
        List<Integer> ranks = in.stream().map(x -> x.shape().rank()).toList();
        yield Sums.terms(einsum.over(ranks), in) * in.size();
      }
      case Gemm _, MatMul(), MatMulInteger() -> in.getFirst().elements();
    };
  }

  private static void gemm(Gemm op, List<Tensor> in, Tensor out) {
    Matrices a = Matrices.of(in.get(0), true, op.transA());
    Matrices b = Matrices.of(in.get(1), false, op.transB());
    Tensor added = Reference.input(in, 2);
    Cells c = added == null ? null : new Cells(added);
    Walk walk = added == null ? null : Walk.broadcast(added.shape(), out.shape());
    Cells y = new Cells(out);
    for (long i = 0; i < y.count(); i++) {
      double product = op.alpha() * a.dot(0, i / b.columns, b, 0, i % b.columns);
      y.put(i, c == null ? product : product + op.beta() * c.real(walk.next()));
    }
  }

  /// A vector on the left is a row, on the right a column; the batch axes before the last two are
  /// broadcast.
  private static void matMul(Tensor left, Tensor right, Tensor out) {
    Matrices a = Matrices.of(left, true, false);
    Matrices b = Matrices.of(right, false, false);
    int inner = (left.shape().rank() > 1 ? 1 : 0) + (right.shape().rank() > 1 ? 1 : 0);
    Shape batch = new Shape(out.shape().dims().subList(0, out.shape().rank() - inner));
    Walk walkA = Walk.broadcast(a.batch, batch);
    Walk walkB = Walk.broadcast(b.batch, batch);
    Cells y = new Cells(out);
    long at = 0;
    while (at < y.count()) {
      long fromA = walkA.next();
      long fromB = walkB.next();
      for (long i = 0; i < a.rows; i++) {
        for (long j = 0; j < b.columns; j++) {
          y.put(at++, a.dot(fromA, i, b, fromB, j));
        }
      }
    }
  }

  /// The zero points are taken away first; a double holds every sum of such products.
  private static void integers(List<Tensor> in, Tensor out) {
    matMul(
        Quantization.centred(in.get(0), Reference.input(in, 2), in.get(0).shape().rank() - 2),
        Quantization.centred(in.get(1), Reference.input(in, 3), in.get(1).shape().rank() - 1),
        out);
  }

  /// A stack of matrices, already transposed.
  private record Matrices(Cells cells, Shape batch, long rows, long columns, boolean transposed) {
    static Matrices of(Tensor x, boolean left, boolean transposed) {
      Cells cells = new Cells(x);
      int rank = x.shape().rank();
      if (rank == 1) {
        long size = x.shape().size(0);
        return new Matrices(cells, Shape.of(), left ? 1 : size, left ? size : 1, false);
      }
      Shape batch = new Shape(x.shape().dims().subList(0, rank - 2));
      long outer = x.shape().size(rank - 2);
      long inner = x.shape().size(rank - 1);
      return new Matrices(
          cells, batch, transposed ? inner : outer, transposed ? outer : inner, transposed);
    }

    /// A row of one of these matrices times a column of one of the others.
    double dot(long matrix, long row, Matrices other, long otherMatrix, long column) {
      double sum = 0;
      for (long k = 0; k < columns; k++) {
        sum += element(matrix, row, k) * other.element(otherMatrix, k, column);
      }
      return sum;
    }

    private double element(long matrix, long row, long column) {
      long at = transposed ? column * rows + row : row * columns + column;
      return cells.real(matrix * rows * columns + at);
    }
  }
}
