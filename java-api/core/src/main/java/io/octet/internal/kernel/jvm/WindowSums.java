package io.octet.internal.kernel.jvm;

/// How a convolution sums one row of output pixels, given the rows under its window one by one.
sealed interface WindowSums permits DenseSums, DepthwiseSums {
  /// Forgets the row before.
  void begin();

  /// Takes the pixels under row `tapRow` of the window; may add to `out`.
  void take(int tapRow, float[][] in, float[][] out);

  /// Adds what is not yet in `out`.
  void end(float[][] out);
}
