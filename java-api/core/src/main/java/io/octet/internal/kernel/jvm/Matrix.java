package io.octet.internal.kernel.jvm;

/// The right-hand side of float matrix products: an array for each row, because C2 vectorizes loops
/// only where every array is indexed by the loop variable alone.
///
/// @param rows as many as the inner size, and rows of zeros up to a multiple of 8
record Matrix(float[][] rows) implements AutoCloseable {
  private static final int UNROLL = 8;
  private static final int CACHE_BYTES = 1 << 18;

  /// A matrix of zeros.
  static Matrix of(int inner, int columns) {
    float[][] rows = new float[padded(inner)][];
    float[] zeros = new float[columns];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = i < inner ? new float[columns] : zeros;
    }
    return new Matrix(rows);
  }

  /// How long a left-hand row must be; what lies behind its inner size must be finite.
  static int padded(int inner) {
    return Math.ceilDiv(inner, UNROLL) * UNROLL;
  }

  /// How many rows, a multiple of 8, stay in a core's cache while several left-hand rows pass.
  int rowsInCache() {
    int columns = rows.length == 0 ? 0 : rows[0].length;
    int row = Math.max(1, columns) * Float.BYTES;
    return Math.max(UNROLL, CACHE_BYTES / row / UNROLL * UNROLL);
  }

  /// Adds the product of the row `x` and this matrix to `sums`.
  void multiplyAdd(float[] x, float[] sums) {
    multiplyAdd(x, 0, 0, rows.length, sums);
  }

  /// Adds what the inner indices `from` to `to` (exclusive), multiples of 8, give to the product of
  /// this matrix and the row that starts at `x[start]`.
  void multiplyAdd(float[] x, int start, int from, int to, float[] sums) {
    for (int k = from; k < to; k += UNROLL) {
      addEight(x, start + k, k, sums);
    }
  }

  private void addEight(float[] x, int at, int k, float[] sums) {
    float x0 = x[at];
    float x1 = x[at + 1];
    float x2 = x[at + 2];
    float x3 = x[at + 3];
    float x4 = x[at + 4];
    float x5 = x[at + 5];
    float x6 = x[at + 6];
    float x7 = x[at + 7];
    float[] r0 = rows[k];
    float[] r1 = rows[k + 1];
    float[] r2 = rows[k + 2];
    float[] r3 = rows[k + 3];
    float[] r4 = rows[k + 4];
    float[] r5 = rows[k + 5];
    float[] r6 = rows[k + 6];
    float[] r7 = rows[k + 7];
    for (int j = 0; j < sums.length; j++) {
      float low = x0 * r0[j] + x1 * r1[j] + x2 * r2[j] + x3 * r3[j];
      sums[j] += low + (x4 * r4[j] + x5 * r5[j] + x6 * r6[j] + x7 * r7[j]);
    }
  }

  /// Nothing: the arrays are the garbage collector's.
  @Override
  public void close() {}
}
