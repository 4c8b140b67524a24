package io.octet.internal.plan;

import io.octet.OctetException.Unsupported;
import io.octet.internal.kernel.Closing;
import java.util.function.Function;

/// Plans and the memory to run them, for any number of callers: one plan for each key, made at its
/// first use, and as many runs at once as the pool has slots. What a session and a kernel by itself
/// share.
///
/// @param <K> what plans are told apart by, such as the concrete input shapes; never changes once
///   it is given
public final class PlanPool<K> {
  private final Function<K, Plan> maker;
  private final PlanCache<K> plans;
  private final Slots slots;

  /// Opens a pool, and starts the threads that its runs take.
  ///
  /// @param owner what is closed with this pool, in the words of an error: "session"
  /// @param maker makes the plan for a key
  /// @param maxPlans plans that are kept, at least 1
  /// @param maxConcurrentRuns runs at the same time, at least 1
  /// @param threads that work inside one run, at least 1
  /// @throws io.octet.OctetException.Unsupported if the process cannot have so many threads
  public PlanPool(
      String owner, Function<K, Plan> maker, int maxPlans, int maxConcurrentRuns, int threads) {
    this.maker = maker;
    this.plans = new PlanCache<>(maxPlans);
    this.slots = slots(owner, Crew.start(owner, maxConcurrentRuns, threads));
  }

  private static Slots slots(String owner, Crew[] crews) {
    try {
      return new Slots(owner, crews);
    } catch (RuntimeException | Error e) {
      Crew.stop(crews);
      throw e;
    }
  }

  /// Waits for the right to run, which closing the slot gives back. Allocates nothing.
  ///
  /// @throws IllegalStateException if the owner is closed, before or while waiting
  public Slot take() {
    return slots.take();
  }

  /// The plan for `key`, made now where it is not there yet, without memory to run it. To be read,
  /// not run: another caller may have it evicted at once.
  ///
  /// @param slot the caller's, so that nobody closes this meanwhile; its thread makes the plan,
  ///   since kernels may be tried out
  public Plan plan(Slot slot, K key) {
    Plan plan = plans.get(key, () -> made(slot, key));
    slots.dropRetired();
    return plan;
  }

  private Plan made(Slot slot, K key) {
    Plan[] made = new Plan[1];
    slot.perform(() -> made[0] = maker.apply(key));
    return made[0];
  }

  /// The slot's workspace of the plan for `key`, made now where it is not there yet.
  public Workspace workspace(Slot slot, K key) {
    while (true) {
      try {
        Workspace workspace = slot.workspace(plan(slot, key));
        if (workspace != null) {
          return workspace;
        }
        // The plan was evicted between the two lines; make it again.
      } catch (Unsupported e) {
        if (!slot.dropRetired()) {
          throw e;
        }
        // What was short may have been the memory that this slot itself held for other plans.
      }
    }
  }

  /// Gives up what can be made again: all plans, and the memory to run them in slots that are idle.
  public void reclaim() {
    plans.retireAll();
    slots.dropIdle();
  }

  /// Gives up the memory of slots that are idle, and no plan: for plans that nobody can make again.
  public void reclaimWorkspaces() {
    slots.dropIdle();
  }

  /// Refuses new runs and the callers still waiting, completes those that have begun, and frees
  /// plans, workspaces and threads. May be called twice, and from several threads: each call
  /// returns when all that has happened.
  ///
  /// @param rest what the plans were made from, to be freed behind them
  public void close(AutoCloseable rest) {
    slots.close(
        () -> {
          Closing closing = new Closing();
          closing.close(plans::close);
          closing.close(rest);
          closing.end();
        });
  }
}
