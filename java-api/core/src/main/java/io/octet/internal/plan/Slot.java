package io.octet.internal.plan;

import io.octet.internal.ffi.OpenmpTeam;
import io.octet.internal.kernel.Closing;
import java.util.ArrayList;
import java.util.List;

/// The right to one run at a time, with the workspaces of the plans that it has run, and the thread
/// that runs them. Whoever took it from a {@link PlanPool} has it alone, and gives it back by
/// closing it:
///
/// ```java
/// try (Slot slot = pool.take()) {
///   slot.run(pool.workspace(slot, key));
/// }
/// ```
public final class Slot implements AutoCloseable {
  private final Slots slots;
  private final Crew crew;
  private final List<Workspace> workspaces = new ArrayList<>();

  /// @param crew who runs; null for the caller
  Slot(Slots slots, Crew crew) {
    this.slots = slots;
    this.crew = crew;
  }

  /// How many workspaces this slot keeps.
  public int size() {
    return workspaces.size();
  }

  /// The workspace at `index`, from 0 to {@link #size()} - 1.
  public Workspace get(int index) {
    return workspaces.get(index);
  }

  /// This slot's workspace of `plan`, made at its first use; null where the plan is already freed.
  public Workspace workspace(Plan plan) {
    for (int i = 0; i < workspaces.size(); i++) {
      if (workspaces.get(i).plan() == plan && !workspaces.get(i).isSpoilt()) {
        return workspaces.get(i);
      }
    }
    StackRoom.requireToMake();
    if (!plan.retain()) {
      return null;
    }
    try {
      Workspace made = plan.newWorkspace();
      try {
        workspaces.add(made);
      } catch (Throwable t) {
        made.close();
        throw t;
      }
      return made;
    } finally {
      plan.release();
    }
  }

  /// Runs every step on the thread that runs for this slot. Allocates nothing.
  public void run(Workspace workspace) {
    perform(workspace);
  }

  /// Runs every step as above and adds the nanoseconds each took to `nanos`.
  public void run(Workspace workspace, long[] nanos) {
    perform(() -> workspace.run(nanos));
  }

  /// Runs kernels, and whatever may run some: on one thread inside a run that is the caller's. How
  /// many threads work inside is the slot's affair: a crew has its team, and a caller gets one of
  /// itself alone. Allocates nothing.
  void perform(Runnable work) {
    if (crew != null) {
      crew.perform(work);
      return;
    }
    int before = OpenmpTeam.enter(1);
    try {
      work.run();
    } finally {
      OpenmpTeam.restore(before, 1);
    }
  }

  /// Lets the next caller run. Allocates nothing.
  @Override
  public void close() {
    try {
      dropRetired();
    } finally {
      slots.giveBack(this);
    }
  }

  /// Frees workspaces that are of no use any more: their plan is retired, or a run of theirs
  /// failed. At the end of the stack they stay until the next time.
  ///
  /// @return whether there were some
  boolean dropRetired() {
    return drop(false);
  }

  /// Frees every workspace, as above.
  void dropAll() {
    drop(true);
  }

  private boolean drop(boolean useful) {
    int before = workspaces.size();
    for (int i = workspaces.size() - 1; i >= 0; i--) {
      Workspace workspace = workspaces.get(i);
      boolean useless = workspace.plan().isRetired() || workspace.isSpoilt();
      if ((useful || useless) && StackRoom.isThereToFree()) {
        workspaces.remove(i);
        workspace.close();
      }
    }
    return workspaces.size() < before;
  }

  /// Frees the workspaces and ends the thread.
  void free() {
    Closing closing = new Closing();
    for (Workspace workspace : workspaces) {
      closing.close(workspace);
    }
    if (crew != null) {
      closing.close(crew);
    }
    closing.end();
    workspaces.clear();
  }
}
