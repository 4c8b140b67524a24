package io.octet.internal.lower;

import io.octet.graph.Node;
import io.octet.internal.kernel.RefusalCode;
import io.octet.internal.kernel.WeightsCache;
import io.octet.internal.lower.PlanBuilder.Reason;
import io.octet.internal.plan.NodePlan;
import io.octet.internal.plan.Plan;
import io.octet.internal.tune.Stopwatch;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;

/// Decides by the clock which layers of a network run in FP32: those that win twice, if the whole
/// network wins with them. Twice, with all other layers in between, because what disturbs one
/// measurement, such as Java's compiler at work on a kernel, is over then; the whole network,
/// because a layer by itself has its weights in the cache. Nothing of all this is kept, not even
/// packed weights.
public final class Measuring {
  private final Function<CompileContext, Plan> compiler;
  private final CompileContext context;
  private final Stopwatch stopwatch;

  /// @param compiler makes the network's plan for concrete inputs
  public Measuring(
      Function<CompileContext, Plan> compiler, CompileContext context, Stopwatch stopwatch) {
    this.compiler = compiler;
    this.context = context;
    this.stopwatch = stopwatch;
  }

  public LayerChoice decide() {
    try (WeightsCache packed = new WeightsCache(context.kernels().packed().budget())) {
      Map<String, Reason> once = winners(packed, node -> true);
      if (once.isEmpty()) {
        return LayerChoice.INT8;
      }
      Map<String, Reason> twice = winners(packed, node -> once.containsKey(node.name()));
      LayerChoice mixed = (plan, node) -> twice.get(node.name());
      return !twice.isEmpty() && wins(packed, mixed) ? mixed : LayerChoice.INT8;
    }
  }

  /// Why each layer that is faster in FP32 is to run so, by its name.
  private Map<String, Reason> winners(WeightsCache packed, Predicate<Node> candidates) {
    Plan plan = compile(packed, new MeasuredChoice(stopwatch, candidates));
    Map<String, Reason> winners = new HashMap<>();
    for (NodePlan row : plan.rows()) {
      if (row.code() == RefusalCode.SLOWER_THAN_FP32) {
        winners.put(row.name(), new Reason(row.code(), row.detail()));
      }
    }
    plan.retire();
    return winners;
  }

  private boolean wins(WeightsCache packed, LayerChoice mixed) {
    try (Contestant one = new Contestant(compile(packed, LayerChoice.INT8));
        Contestant other = new Contestant(compile(packed, mixed))) {
      Stopwatch.Times times = stopwatch.time(one::run, other::run);
      return times.fp32Wins();
    }
  }

  private Plan compile(WeightsCache packed, LayerChoice choice) {
    return compiler.apply(context.trial(packed, choice));
  }
}
