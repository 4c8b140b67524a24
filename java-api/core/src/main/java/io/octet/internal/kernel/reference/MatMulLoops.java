package io.octet.internal.kernel.reference;

import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.TensorDesc;
import io.octet.tensor.Shape;
import java.util.function.DoubleUnaryOperator;

/// numpy.matmul of two activations, of integers less their zero points: a vector on the left is a
/// row, on the right a column, and neither is transposed.
final class MatMulLoops {
  private MatMulLoops() {}

  static Oracle matMul(KernelSpec.MatMul spec, Buffers buffers) {
    Elements y = new Elements(spec.y(), buffers.output());
    Product product = Product.of(spec, buffers);
    return new Oracle.Formula(
        product.left.columns(),
        i -> {
          double sum = product.sum(i, DoubleUnaryOperator.identity());
          if (spec.isInt8()) {
            float unit = spec.a().quant().scale() * spec.b().quant().scale();
            y.putReal(i, (float) sum * unit * spec.alpha());
          } else {
            y.putRaw(i, spec.alpha() * sum);
          }
        },
        i ->
            Math.abs(spec.alpha())
                * product.a.unit()
                * product.b.unit()
                * product.sum(i, Math::abs));
  }

  private record Product(Elements a, Elements b, Matrices left, Matrices right, long[] batch) {
    static Product of(KernelSpec.MatMul spec, Buffers buffers) {
      Matrices left = Matrices.of(spec.a(), true, spec.transA());
      Matrices right = Matrices.of(spec.b(), false, spec.transB());
      return new Product(
          new Elements(spec.a(), buffers.inputs().get(0)),
          new Elements(spec.b(), buffers.inputs().get(1)),
          left,
          right,
          Shape.broadcast(Shape.of(left.batch()), Shape.of(right.batch())).orElseThrow().sizes());
    }

    /// @param of what is taken of each product
    double sum(long index, DoubleUnaryOperator of) {
      long j = index % right.columns();
      long i = index / right.columns() % left.rows();
      long p = index / right.columns() / left.rows();
      long atA = Broadcast.index(left.batch(), batch, p) * left.rows() * left.columns();
      long atB = Broadcast.index(right.batch(), batch, p) * right.rows() * right.columns();
      double sum = 0;
      for (long k = 0; k < left.columns(); k++) {
        double product = a.centered(atA + left.at(i, k)) * b.centered(atB + right.at(k, j));
        sum += of.applyAsDouble(product);
      }
      return sum;
    }
  }

  /// A stack of matrices, already transposed.
  private record Matrices(long[] batch, long rows, long columns, boolean transposed) {
    static Matrices of(TensorDesc value, boolean left, boolean transposed) {
      long[] sizes = value.shape().sizes();
      if (sizes.length == 1) {
        return new Matrices(new long[0], left ? 1 : sizes[0], left ? sizes[0] : 1, false);
      }
      long[] batch = java.util.Arrays.copyOf(sizes, sizes.length - 2);
      long outer = sizes[sizes.length - 2];
      long inner = sizes[sizes.length - 1];
      return new Matrices(
          batch, transposed ? inner : outer, transposed ? outer : inner, transposed);
    }

    long at(long row, long column) {
      return transposed ? column * rows + row : row * columns + column;
    }
  }
}
