package io.octet.internal.lower;

import io.octet.graph.Node;
import io.octet.internal.kernel.RefusalCode;
import io.octet.internal.lower.PlanBuilder.Reason;
import io.octet.internal.tune.Stopwatch;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/// Lowers a layer twice, in int8 and in FP32, runs both on memory of their own, and decides by the
/// clock. Each does the work of all nodes that either takes in (clamps, an Add, the quantization of
/// the output) and, from int8 inputs, the conversions that it needs. {@link Measuring} asks.
final class MeasuredChoice implements LayerChoice {
  private final Stopwatch stopwatch;
  private final Predicate<Node> candidates;

  /// @param candidates which layers to try; the others are int8's
  MeasuredChoice(Stopwatch stopwatch, Predicate<Node> candidates) {
    this.stopwatch = stopwatch;
    this.candidates = candidates;
  }

  @Override
  public Reason againstInt8(PlanBuilder plan, Node node) {
    if (!candidates.test(node) || !plan.isQuantized(node)) {
      return null;
    }
    try (PlanBuilder int8 = plan.trial(LayerChoice.INT8);
        PlanBuilder fp32 = plan.trial(LayerChoice.FP32)) {
      Lowering inInt8 = new Lowering(int8);
      inInt8.lower(List.of(node));
      if (!runsInInt8(int8, node)) {
        return null;
      }
      Lowering inFp32 = new Lowering(fp32);
      inFp32.lower(List.of(node));
      List<Node> work =
          plan.graph.nodes().stream().filter(n -> int8.isDone(n) || fp32.isDone(n)).toList();
      inInt8.lower(work);
      inFp32.lower(work);
      return race(int8, fp32);
    }
  }

  private static boolean runsInInt8(PlanBuilder trial, Node node) {
    return trial.rows().stream()
        .anyMatch(
            row ->
                row.int8() && row.name().equals(node.name()) && row.op().equals(node.op().name()));
  }

  private Reason race(PlanBuilder int8, PlanBuilder fp32) {
    try (Contestant one = contestant(int8);
        Contestant other = contestant(fp32)) {
      Stopwatch.Times times = stopwatch.time(one::run, other::run);
      if (!times.fp32Wins()) {
        return null;
      }
      String text =
          String.format(
              Locale.ROOT,
              "FP32 takes %.1f us with its conversions, int8 %.1f us",
              times.fp32() / 1e3,
              times.int8() / 1e3);
      return new Reason(RefusalCode.SLOWER_THAN_FP32, text);
    }
  }

  private static Contestant contestant(PlanBuilder lowered) {
    return new Contestant(lowered.plan(lowered.values.imported(), List.of()));
  }
}
