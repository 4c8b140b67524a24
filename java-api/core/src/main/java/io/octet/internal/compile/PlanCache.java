package io.octet.internal.compile;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.function.Function;

/// One plan for each key, such as the concrete input shapes; the one that has not run for the
/// longest time goes first. A plan is made once, by the caller who comes first, while those who
/// want others go on.
///
/// @param <K> what plans are told apart by; never changes once it is given
final class PlanCache<K> {
  private final Function<K, Plan> maker;
  private final int capacity;
  private final Map<K, FutureTask<Plan>> plans = new HashMap<>();

  PlanCache(Function<K, Plan> maker, int capacity) {
    this.maker = maker;
    this.capacity = capacity;
  }

  /// The plan for this key; another may be retired for it.
  Plan get(K key) {
    FutureTask<Plan> task;
    FutureTask<Plan> evicted = null;
    synchronized (plans) {
      task = plans.get(key);
      if (task == null) {
        task = new FutureTask<>(() -> maker.apply(key));
        if (plans.size() >= capacity) {
          evicted = plans.remove(oldest());
        }
        plans.put(key, task);
      }
    }
    if (evicted != null) {
      retire(evicted);
    }
    task.run(); // Returns at once where another caller runs or ran it.
    try {
      return await(task);
    } catch (ExecutionException e) {
      synchronized (plans) {
        plans.remove(key, task);
      }
      switch (e.getCause()) {
        case RuntimeException unchecked -> throw unchecked;
        case Error error -> throw error;
        default -> throw new IllegalStateException(e.getCause());
      }
    }
  }

  /// The key of the plan that has not run for the longest time; plans in the making come last.
  private K oldest() {
    long now = System.nanoTime();
    K oldest = null;
    long longest = -1;
    for (Map.Entry<K, FutureTask<Plan>> entry : plans.entrySet()) {
      FutureTask<Plan> task = entry.getValue();
      boolean made = task.state() == Future.State.SUCCESS;
      long idle = made ? Math.max(1, now - task.resultNow().lastUse()) : 0;
      if (idle > longest) {
        longest = idle;
        oldest = entry.getKey();
      }
    }
    return oldest;
  }

  private static void retire(FutureTask<Plan> task) {
    task.run();
    try {
      await(task).retire();
    } catch (ExecutionException e) {
      return; // Whoever asked for that plan hears of it.
    }
  }

  /// The plan, once whoever makes it is done; an interruption is kept for later.
  private static Plan await(FutureTask<Plan> task) throws ExecutionException {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return task.get();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /// Retires every plan. Nobody may compile any more.
  void close() {
    synchronized (plans) {
      plans.values().forEach(PlanCache::retire);
      plans.clear();
    }
  }
}
