package io.octet.internal.compile;

import java.util.ArrayList;
import java.util.List;

/// The right to one run at a time, with the workspaces of the plans that it has run. Whoever took
/// it from a {@link PlanPool} has it alone until it is given back.
public final class Slot {
  private final List<Plan.Workspace> workspaces = new ArrayList<>();

  Slot() {}

  /// How many workspaces this slot keeps.
  public int size() {
    return workspaces.size();
  }

  /// The workspace at `index`, from 0 to {@link #size()} - 1.
  public Plan.Workspace get(int index) {
    return workspaces.get(index);
  }

  /// This slot's workspace of `plan`, made at its first use; null where the plan is already freed.
  public Plan.Workspace workspace(Plan plan) {
    for (int i = 0; i < workspaces.size(); i++) {
      if (workspaces.get(i).plan() == plan) {
        return workspaces.get(i);
      }
    }
    if (!plan.retain()) {
      return null;
    }
    try {
      Plan.Workspace made = plan.newWorkspace();
      workspaces.add(made);
      return made;
    } finally {
      plan.release();
    }
  }

  void dropRetired() {
    for (int i = workspaces.size() - 1; i >= 0; i--) {
      if (workspaces.get(i).plan().isRetired()) {
        workspaces.remove(i).close();
      }
    }
  }

  void close() {
    workspaces.forEach(Plan.Workspace::close);
    workspaces.clear();
  }
}
