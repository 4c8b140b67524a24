package io.octet.runtime;

import io.octet.internal.compile.Compiler;
import io.octet.internal.compile.Plan;
import io.octet.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/// One plan for each set of concrete input shapes; the least recently used goes first. A shape is
/// compiled once, by the caller who comes first, while those who want others go on.
final class PlanCache {
  private final Compiler compiler;
  private final int capacity;
  private final Map<Map<String, Shape>, FutureTask<Plan>> plans =
      new LinkedHashMap<>(16, 0.75f, true);

  PlanCache(Compiler compiler, int capacity) {
    this.compiler = compiler;
    this.capacity = capacity;
  }

  /// The plan for these shapes, and whether another had to go for it.
  Plan get(Map<String, Shape> shapes) {
    FutureTask<Plan> task;
    FutureTask<Plan> evicted = null;
    synchronized (plans) {
      task = plans.get(shapes);
      if (task == null) {
        Map<String, Shape> key = Map.copyOf(shapes);
        task = new FutureTask<>(() -> compiler.compile(key));
        if (plans.size() >= capacity) {
          evicted = plans.remove(plans.keySet().iterator().next());
        }
        plans.put(key, task);
      }
    }
    if (evicted != null) {
      retire(evicted);
    }
    task.run(); // Returns at once where another caller runs or ran it.
    return result(shapes, task);
  }

  private Plan result(Map<String, Shape> shapes, FutureTask<Plan> task) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return task.get();
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          synchronized (plans) {
            plans.remove(shapes, task);
          }
          switch (e.getCause()) {
            case RuntimeException unchecked -> throw unchecked;
            case Error error -> throw error;
            default -> throw new IllegalStateException(e.getCause());
          }
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static void retire(FutureTask<Plan> task) {
    task.run();
    if (task.state() == java.util.concurrent.Future.State.SUCCESS) {
      task.resultNow().retire();
    } else if (!task.isDone()) {
      try {
        task.get().retire();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (ExecutionException e) {
        return; // Whoever compiled it hears of it.
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
