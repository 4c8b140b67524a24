package io.octet.cli.measure;

import java.util.Arrays;

/// How long runs took.
///
/// @param sorted nanoseconds, shortest first; at least one
public record Latencies(long[] sorted) {
  /// Copies and sorts.
  public static Latencies of(long[] nanos) {
    long[] sorted = nanos.clone();
    Arrays.sort(sorted);
    return new Latencies(sorted);
  }

  /// Milliseconds that the part `p` of all runs did not exceed (nearest rank).
  public double millis(double p) {
    int rank = (int) Math.ceil(p * sorted.length);
    return sorted[Math.clamp(rank - 1, 0, sorted.length - 1)] / 1e6;
  }

  /// The median in milliseconds.
  public double p50() {
    return millis(0.50);
  }

  /// How many runs.
  public int runs() {
    return sorted.length;
  }
}
