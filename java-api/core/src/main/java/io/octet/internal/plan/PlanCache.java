package io.octet.internal.plan;

import io.octet.internal.kernel.Closing;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/// One plan for each key, such as the concrete input shapes; the one that has not run for the
/// longest time goes first. A plan is made once, by the caller who comes first, while those who
/// want others go on; where that caller fails, whatever it throws, the next one tries.
///
/// @param <K> what plans are told apart by; never changes once it is given
final class PlanCache<K> {
  /// The place of a plan: empty while it is made.
  private static final class Place {
    private Plan plan;
  }

  private final int capacity;
  private final Map<K, Place> places = new HashMap<>();

  PlanCache(int capacity) {
    this.capacity = capacity;
  }

  /// The plan for this key. Once it is made, others may be retired for it; where it cannot be made
  /// they stay, so while plans are made there are as many more than the capacity.
  ///
  /// @param maker makes it where it is not there
  Plan get(K key, Supplier<Plan> maker) {
    Plan found = find(key);
    return found != null ? found : make(key, maker);
  }

  /// The plan, once whoever makes it is done; null where nobody has made it.
  private Plan find(K key) {
    boolean interrupted = false;
    try {
      synchronized (places) {
        while (true) {
          Place place = places.get(key);
          if (place == null || place.plan != null) {
            return place == null ? null : place.plan;
          }
          try {
            places.wait();
          } catch (InterruptedException e) {
            interrupted = true;
          }
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private Plan make(K key, Supplier<Plan> maker) {
    StackRoom.requireToMake();
    Place own = new Place();
    Plan made = null;
    boolean kept = false;
    try {
      Place other;
      synchronized (places) {
        other = places.putIfAbsent(key, own);
      }
      if (other != null) {
        return get(key, maker);
      }
      made = maker.get();
      synchronized (places) {
        own.plan = made;
        kept = true;
        places.notifyAll();
      }
    } finally {
      if (!kept) {
        forget(key, own, made);
      }
    }
    makeRoom(made);
    return made;
  }

  /// Nobody waits for a place that stays empty.
  private void forget(K key, Place place, Plan made) {
    synchronized (places) {
      places.remove(key, place);
      places.notifyAll();
    }
    if (made != null) {
      made.retire();
    }
  }

  /// Retires plans beyond the capacity, those first that have not run for the longest time, and
  /// never the newest, which nobody had the time to run.
  private void makeRoom(Plan newest) {
    while (true) {
      Plan evicted = null;
      synchronized (places) {
        K oldest = oldestBeyondCapacity(newest);
        if (oldest != null) {
          evicted = places.remove(oldest).plan;
        }
      }
      if (evicted == null) {
        return;
      }
      evicted.retire();
    }
  }

  private K oldestBeyondCapacity(Plan newest) {
    long now = System.nanoTime();
    int made = 0;
    K oldest = null;
    long age = Long.MIN_VALUE;
    for (Map.Entry<K, Place> entry : places.entrySet()) {
      Plan plan = entry.getValue().plan;
      made += plan == null ? 0 : 1;
      if (plan != null && plan != newest && now - plan.lastUse() > age) {
        oldest = entry.getKey();
        age = now - plan.lastUse();
      }
    }
    return made > capacity ? oldest : null;
  }

  /// Retires every plan that is made: whoever wants one makes it again.
  void retireAll() {
    List<Plan> given = new ArrayList<>();
    synchronized (places) {
      places.values().removeIf(place -> place.plan != null && given.add(place.plan));
    }
    given.forEach(Plan::retire);
  }

  /// Retires every plan. Nobody may compile any more.
  void close() {
    Closing closing = new Closing();
    synchronized (places) {
      for (Place place : places.values()) {
        if (place.plan != null) {
          closing.close(place.plan::retire);
        }
      }
      places.clear();
    }
    closing.end();
  }
}
