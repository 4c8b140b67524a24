package io.octet.internal.compile;

import java.util.function.Function;

/// Plans and the memory to run them, for any number of callers: one plan for each key, made at its
/// first use, and as many runs at once as the pool has slots. What a session and a kernel by itself
/// share.
///
/// @param <K> what plans are told apart by, such as the concrete input shapes; never changes once
///   it is given
public final class PlanPool<K> {
  private final PlanCache<K> plans;
  private final Slots slots;

  /// @param owner what is closed with this pool, in the words of an error: "session"
  /// @param maker makes the plan for a key
  /// @param maxPlans plans that are kept, at least 1
  /// @param maxConcurrentRuns runs at the same time, at least 1
  public PlanPool(String owner, Function<K, Plan> maker, int maxPlans, int maxConcurrentRuns) {
    this.plans = new PlanCache<>(maker, maxPlans);
    this.slots = new Slots(maxConcurrentRuns, owner);
  }

  /// Waits for the right to run. Allocates nothing.
  ///
  /// @throws IllegalStateException if the owner is closed, before or while waiting
  public Slot take() {
    return slots.take();
  }

  /// Lets the next caller run. Allocates nothing.
  public void giveBack(Slot slot) {
    slots.giveBack(slot);
  }

  /// The plan for `key`, made now where it is not there yet, without memory to run it. For callers
  /// who have a slot, so that nobody closes this meanwhile; to be read, not run: another caller may
  /// have it evicted at once.
  public Plan plan(K key) {
    Plan plan = plans.get(key);
    slots.dropRetired();
    return plan;
  }

  /// The slot's workspace of the plan for `key`, made now where it is not there yet.
  public Plan.Workspace workspace(Slot slot, K key) {
    while (true) {
      Plan.Workspace workspace = slot.workspace(plan(key));
      if (workspace != null) {
        return workspace;
      }
      // The plan was evicted between the two lines; make it again.
    }
  }

  /// Refuses new runs and the callers still waiting, completes those that have begun, and frees
  /// plans and workspaces. May be called twice.
  ///
  /// @return whether this call was the one that closed
  public boolean close() {
    boolean first = slots.close();
    if (first) {
      plans.close();
    }
    return first;
  }
}
