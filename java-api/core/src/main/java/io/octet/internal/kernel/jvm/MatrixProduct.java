package io.octet.internal.kernel.jvm;

import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.KernelSpec;
import io.octet.tensor.Shape;
import java.util.Arrays;

/// numpy.matmul of two activations, row by row. A vector on the left is a row, on the right a
/// column. Integers are multiplied as floats, less their zero points: sums up to 2^24 are exact.
final class MatrixProduct implements Runnable {
  private final float alpha;
  private final boolean transA;
  private final boolean transB;
  private final int rows;
  private final int inner;
  private final int columns;
  private final Broadcasting batch;
  private final RealInput a;
  private final RealInput b;
  private final RealOutput y;
  private final Matrix right;
  private final float[] left;
  private final float[] line;
  private final float[] out;

  MatrixProduct(KernelSpec.MatMul spec, Buffers buffers) {
    long[] sizesA = spec.a().shape().sizes();
    long[] sizesB = spec.b().shape().sizes();
    this.alpha =
        spec.isInt8()
            ? spec.a().quant().scale() * spec.b().quant().scale() * spec.alpha()
            : spec.alpha();
    this.transA = spec.transA() && sizesA.length > 1;
    this.transB = spec.transB() && sizesB.length > 1;
    int outerA = sizesA.length > 1 ? (int) sizesA[sizesA.length - 2] : 1;
    int innerA = (int) sizesA[sizesA.length - 1];
    int outerB = (int) sizesB[Math.max(0, sizesB.length - 2)];
    int innerB = sizesB.length > 1 ? (int) sizesB[sizesB.length - 1] : 1;
    this.rows = transA ? innerA : outerA;
    this.inner = transA ? outerA : innerA;
    this.columns = transB ? outerB : innerB;
    long[] stackA = stack(sizesA);
    long[] stackB = stack(sizesB);
    Shape both = Shape.broadcast(Shape.of(stackA), Shape.of(stackB)).orElseThrow();
    this.batch = Broadcasting.of(stackA, stackB, both.sizes());
    this.a = RealInput.centered(spec.a(), buffers.inputs().get(0));
    this.b = RealInput.centered(spec.b(), buffers.inputs().get(1));
    this.y = RealOutput.of(spec.y(), buffers.output(), columns);
    this.right = Matrix.of(inner, columns);
    this.left = new float[right.rows().length];
    this.line = new float[inner];
    this.out = new float[columns];
  }

  private static long[] stack(long[] sizes) {
    return Arrays.copyOf(sizes, Math.max(0, sizes.length - 2));
  }

  @Override
  public void run() {
    long row = 0;
    long loaded = -1;
    for (int r = 0; r < batch.runs(); r++) {
      for (long i = 0; i < batch.inner(); i++) {
        long atA = batch.a()[r] + (batch.aProceeds() ? i : 0);
        long atB = batch.b()[r] + (batch.bProceeds() ? i : 0);
        if (atB != loaded) {
          loadRight(atB * inner * columns);
          loaded = atB;
        }
        product(atA * rows * inner, row);
        row += rows;
      }
    }
  }

  private void product(long start, long row) {
    for (int i = 0; i < rows; i++) {
      loadLeft(start, i);
      Arrays.fill(out, 0);
      right.multiplyAdd(left, out);
      if (alpha != 1) {
        scale(out, alpha);
      }
      y.write(out, (row + i) * columns, columns);
    }
  }

  private void loadLeft(long start, int row) {
    if (!transA) {
      a.read(start + (long) row * inner, left, inner);
      return;
    }
    for (int k = 0; k < inner; k++) {
      left[k] = a.read(start + (long) k * rows + row);
    }
  }

  private void loadRight(long start) {
    float[][] to = right.rows();
    if (!transB) {
      for (int k = 0; k < inner; k++) {
        b.read(start + (long) k * columns, to[k], columns);
      }
      return;
    }
    for (int n = 0; n < columns; n++) {
      b.read(start + (long) n * inner, line, inner);
      for (int k = 0; k < inner; k++) {
        to[k][n] = line[k];
      }
    }
  }

  private static void scale(float[] y, float factor) {
    for (int i = 0; i < y.length; i++) {
      y[i] *= factor;
    }
  }
}
