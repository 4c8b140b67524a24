package io.octet.internal.tune;

/// Times two ways to do the same work.
@FunctionalInterface
public interface Stopwatch {
  /// Measures.
  Stopwatch REAL = new Turns();

  /// What one run takes.
  ///
  /// @param int8 nanoseconds in int8
  /// @param fp32 nanoseconds in FP32
  record Times(double int8, double fp32) {
    /// FP32 must be faster by 3%: less is noise, and int8 is what the graph asks for.
    private static final double LARGEST_PART = 0.97;

    public boolean fp32Wins() {
      return fp32 <= LARGEST_PART * int8;
    }
  }

  /// Runs both, each as often as it takes.
  Times time(Runnable int8, Runnable fp32);
}
