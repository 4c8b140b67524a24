package io.octet.runtime;

import io.octet.graph.Graph;
import io.octet.internal.tune.Stopwatch;

/// Sessions that are told who is faster.
public final class Measured {
  /// Runs both once, and gives FP32 41 us and int8 58.2 us.
  public static final Stopwatch FP32_WINS = told(58_200, 41_000);

  /// Runs both once, and gives int8 41 us and FP32 58.2 us.
  public static final Stopwatch INT8_WINS = told(41_000, 58_200);

  private Measured() {}

  /// Runs both once, and gives the same times whatever they took.
  public static Stopwatch told(double int8Nanos, double fp32Nanos) {
    return (int8, fp32) -> {
      int8.run();
      fp32.run();
      return new Stopwatch.Times(int8Nanos, fp32Nanos);
    };
  }

  /// A session that chooses by that stopwatch, with the process's other defaults.
  public static Session open(Graph graph, FallbackPolicy policy, Stopwatch stopwatch) {
    return Session.open(
        graph,
        SessionOptions.builder()
            .checks(c -> c.fallback(policy))
            .kernels(k -> k.measured(true))
            .build(),
        stopwatch);
  }
}
