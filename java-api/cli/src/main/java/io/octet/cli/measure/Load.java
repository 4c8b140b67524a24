package io.octet.cli.measure;

/// All runs of all callers.
///
/// @param latencies of each run
/// @param seconds how long all of them took together
public record Load(Latencies latencies, double seconds) {
  /// Samples in a second.
  ///
  /// @param batch samples in one run
  public double throughput(long batch) {
    return (double) latencies.runs() * batch / seconds;
  }
}
