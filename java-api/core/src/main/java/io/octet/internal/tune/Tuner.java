package io.octet.internal.tune;

import io.octet.internal.kernel.RefusalCode;
import io.octet.internal.plan.NodePlan;
import io.octet.internal.plan.Plan;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/// Decides by the clock which layers of a network run in FP32: those that win twice, if the whole
/// network wins with them. Twice, with all other layers in between, because what disturbs one
/// measurement, such as Java's compiler at work on a kernel, is over then; the whole network,
/// because a layer by itself has its weights in the cache.
public final class Tuner {
  private final Stopwatch stopwatch;

  public Tuner(Stopwatch stopwatch) {
    this.stopwatch = stopwatch;
  }

  /// Why each layer that is to run in FP32 does, by its name.
  ///
  /// @param racing plans the network, of which those layers {@link #race} that it is told
  /// @param told plans it with those layers in FP32
  public Map<String, String> slower(
      Function<Predicate<String>, Plan> racing, Function<Map<String, String>, Plan> told) {
    Map<String, String> once = winners(racing.apply(layer -> true));
    if (once.isEmpty()) {
      return Map.of();
    }
    Map<String, String> twice = winners(racing.apply(once::containsKey));
    return !twice.isEmpty() && wins(told, twice) ? twice : Map.of();
  }

  private static Map<String, String> winners(Plan plan) {
    Map<String, String> winners = new HashMap<>();
    for (NodePlan row : plan.rows()) {
      if (row.code() == RefusalCode.SLOWER_THAN_FP32) {
        winners.put(row.name(), row.detail());
      }
    }
    plan.retire();
    return winners;
  }

  private boolean wins(Function<Map<String, String>, Plan> told, Map<String, String> inFp32) {
    return time(() -> told.apply(Map.of()), () -> told.apply(inFp32)).fp32Wins();
  }

  /// Times a layer both ways on memory of their own, and says why it is to run in FP32; null where
  /// it is int8's.
  public String race(Supplier<Plan> int8, Supplier<Plan> fp32) {
    Stopwatch.Times times = time(int8, fp32);
    return times.fp32Wins()
        ? String.format(
            Locale.ROOT,
            "FP32 takes %.1f us with its conversions, int8 %.1f us",
            times.fp32() / 1e3,
            times.int8() / 1e3)
        : null;
  }

  private Stopwatch.Times time(Supplier<Plan> int8, Supplier<Plan> fp32) {
    try (Candidate one = new Candidate(int8.get());
        Candidate other = new Candidate(fp32.get())) {
      return stopwatch.time(one::run, other::run);
    }
  }
}
