package io.octet.internal.plan;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The steps of a plan that make what nobody reads.
public final class UnreadSteps {
  private UnreadSteps() {}

  /// Their labels.
  public static List<String> of(Plan plan) {
    Set<Integer> read = new HashSet<>();
    plan.outputs().forEach(port -> read.add(port.buffer()));
    List<String> unread = new ArrayList<>();
    for (Step step : plan.steps().reversed()) {
      if (step.outputs().stream().noneMatch(read::contains)) {
        unread.add(step.label());
      }
      read.addAll(step.inputs());
    }
    return unread;
  }
}
