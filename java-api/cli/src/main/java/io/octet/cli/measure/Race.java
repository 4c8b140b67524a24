package io.octet.cli.measure;

import io.octet.runtime.Session;
import io.octet.tensor.Tensor;
import java.util.Map;

/// Latency of two sessions that take turns, so that whatever else the machine does meets both.
///
/// @param first latencies of the first session
/// @param second latencies of the second
public record Race(Latencies first, Latencies second) {
  private static final int TURN = 10;
  private static final int LEAST_TURNS = 3;
  private static final double WARM_UP_PART = 0.25;

  /// Runs both on the same input, from this thread.
  ///
  /// @param seconds how long, with the warm-up
  /// @param watch is told milliseconds
  public static Race run(
      Session first, Session second, Map<String, Tensor> inputs, double seconds, Watch watch) {
    try (Caller one = new Caller(first, inputs);
        Caller two = new Caller(second, inputs)) {
      long start = System.nanoTime();
      takeTurns(one, two, start, WARM_UP_PART * seconds, watch);
      one.forget();
      two.forget();
      takeTurns(one, two, start, seconds, watch);
      return new Race(Latencies.of(one.nanos()), Latencies.of(two.nanos()));
    }
  }

  private static void takeTurns(Caller one, Caller two, long start, double until, Watch watch) {
    for (int turn = 0; turn < LEAST_TURNS || System.nanoTime() - start < until * 1e9; turn++) {
      one.runUntil(Long.MIN_VALUE, TURN);
      two.runUntil(Long.MIN_VALUE, TURN);
      watch.accept((System.nanoTime() - start) / 1_000_000);
    }
  }
}
