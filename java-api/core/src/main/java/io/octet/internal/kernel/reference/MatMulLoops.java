package io.octet.internal.kernel.reference;

import io.octet.internal.kernel.Activation;
import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.Invocation;
import io.octet.internal.kernel.KernelSpec;
import io.octet.tensor.Shape;

/// numpy.matmul of two activations: a vector on the left is a row, on the right a column, and
/// neither is transposed.
final class MatMulLoops {
  private MatMulLoops() {}

  static Invocation matMul(KernelSpec.MatMul spec, Buffers buffers) {
    Elements a = new Elements(spec.a(), buffers.inputs().get(0));
    Elements b = new Elements(spec.b(), buffers.inputs().get(1));
    Elements y = new Elements(spec.y(), buffers.output());
    Matrices left = Matrices.of(spec.a(), true, spec.transA());
    Matrices right = Matrices.of(spec.b(), false, spec.transB());
    long[] batch = Broadcast.shape(left.batch(), right.batch());
    long products = Shape.of(batch).elements();
    return () -> {
      long index = 0;
      for (long p = 0; p < products; p++) {
        long atA = Broadcast.index(left.batch(), batch, p) * left.rows() * left.columns();
        long atB = Broadcast.index(right.batch(), batch, p) * right.rows() * right.columns();
        for (long i = 0; i < left.rows(); i++) {
          for (long j = 0; j < right.columns(); j++) {
            double sum = 0;
            for (long k = 0; k < left.columns(); k++) {
              sum += a.raw(atA + left.at(i, k)) * b.raw(atB + right.at(k, j));
            }
            y.putRaw(index++, spec.alpha() * sum);
          }
        }
      }
    };
  }

  /// A stack of matrices, already transposed.
  private record Matrices(long[] batch, long rows, long columns, boolean transposed) {
    static Matrices of(Activation value, boolean left, boolean transposed) {
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
