package io.octet.internal.compile;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
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

  /// The plan for this key. Once it is made, others may be retired for it; where it cannot be made
  /// they stay, so while plans are made there are as many more than the capacity.
  Plan get(K key) {
    FutureTask<Plan> task;
    FutureTask<Plan> own = null;
    synchronized (plans) {
      task = plans.get(key);
      if (task == null) {
        own = new FutureTask<>(() -> maker.apply(key));
        task = own;
        plans.put(key, task);
      }
    }
    task.run(); // Returns at once where another caller runs or ran it.
    try {
      Plan plan = await(task);
      if (task == own) {
        makeRoom(key);
      }
      return plan;
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

  /// Retires plans beyond the capacity, those first that have not run for the longest time, and
  /// never the one for `newest`, which nobody had the time to run.
  private void makeRoom(K newest) {
    List<Plan> evicted = new ArrayList<>();
    synchronized (plans) {
      Map<K, Plan> made = new HashMap<>();
      plans.forEach(
          (key, task) -> {
            if (task.state() == Future.State.SUCCESS) {
              made.put(key, task.resultNow());
            }
          });
      while (made.size() > capacity) {
        K oldest = oldest(made, newest);
        plans.remove(oldest);
        evicted.add(made.remove(oldest));
      }
    }
    evicted.forEach(Plan::retire);
  }

  private static <K> K oldest(Map<K, Plan> made, K newest) {
    long now = System.nanoTime();
    return made.entrySet().stream()
        .filter(entry -> !entry.getKey().equals(newest))
        .max(Comparator.comparingLong(entry -> now - entry.getValue().lastUse()))
        .orElseThrow()
        .getKey();
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
      plans.values().forEach(task -> task.resultNow().retire());
      plans.clear();
    }
  }
}
