package io.octet.runtime;

import io.octet.OctetException.Unsupported;
import io.octet.graph.Graph;
import io.octet.graph.op.Quantization;
import io.octet.internal.plan.NodePlan;
import io.octet.internal.plan.Plan;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/// Holds a session's plans to its policy for fallbacks. Logs once, whatever the number of plans.
final class FallbackCheck {
  private static final System.Logger LOG = System.getLogger("io.octet.runtime");

  private final String network;
  private final boolean isQuantized;
  private final FallbackPolicy policy;
  private final AtomicBoolean warned = new AtomicBoolean();

  FallbackCheck(Graph graph, FallbackPolicy policy) {
    this.network = graph.name();
    this.isQuantized =
        graph.nodes().stream().map(node -> node.op()).anyMatch(op -> op instanceof Quantization);
    this.policy = policy;
  }

  /// Whether a plan could displease: somebody minds, and the graph quantizes something.
  boolean isDue() {
    return policy != FallbackPolicy.ALLOW && isQuantized;
  }

  /// The same plan.
  ///
  /// @throws Unsupported under {@link FallbackPolicy#FAIL}, with all of its fallbacks; the plan is
  ///   given up
  Plan checked(Plan plan) {
    Map<String, List<String>> nodesByReason = new LinkedHashMap<>();
    plan.rows().stream()
        .filter(NodePlan::fallback)
        .forEach(
            row ->
                nodesByReason
                    .computeIfAbsent(
                        row.code().code() + ": " + row.detail(), r -> new ArrayList<>())
                    .add(row.name()));
    if (nodesByReason.isEmpty()) {
      return plan;
    }
    switch (policy) {
      case ALLOW -> {}
      case WARN -> {
        if (warned.compareAndSet(false, true)) {
          LOG.log(System.Logger.Level.WARNING, text(nodesByReason));
        }
      }
      case FAIL -> {
        plan.retire();
        throw new Unsupported(text(nodesByReason));
      }
    }
    return plan;
  }

  private String text(Map<String, List<String>> nodesByReason) {
    StringBuilder text = new StringBuilder();
    text.append('"').append(network).append("\" quantizes nodes that run in FP32 here:");
    nodesByReason.forEach(
        (reason, nodes) -> text.append("\n  ").append(nodes).append(": ").append(reason));
    return text.toString();
  }
}
