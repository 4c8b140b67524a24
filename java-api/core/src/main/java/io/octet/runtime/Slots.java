package io.octet.runtime;

import io.octet.internal.compile.Plan;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// The right to run, for as many runs as a session allows at once; callers beyond it wait in order.
/// A slot keeps the workspaces of the plans it has run. Taking and returning a free slot allocates
/// nothing.
final class Slots {
  /// One run's right, and its memory.
  static final class Slot {
    private final List<Plan.Workspace> workspaces = new ArrayList<>();

    /// This slot's workspace of `plan`, made at its first use; null where the plan is already
    /// freed.
    Plan.Workspace workspace(Plan plan) {
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

    private void dropRetired() {
      for (int i = workspaces.size() - 1; i >= 0; i--) {
        if (workspaces.get(i).plan().isRetired()) {
          workspaces.remove(i).close();
        }
      }
    }

    private void close() {
      workspaces.forEach(Plan.Workspace::close);
      workspaces.clear();
    }
  }

  private final ReentrantLock lock = new ReentrantLock(true);
  private final Condition changed = lock.newCondition();
  private final Slot[] idle;
  private int free;
  private boolean closed;

  Slots(int count) {
    idle = new Slot[count];
    for (int i = 0; i < count; i++) {
      idle[i] = new Slot();
    }
    free = count;
  }

  /// Waits for a slot.
  ///
  /// @throws IllegalStateException if the session is closed, before or while waiting
  Slot take() {
    lock.lock();
    try {
      while (free == 0 && !closed) {
        changed.awaitUninterruptibly();
      }
      if (closed) {
        throw new IllegalStateException("this session is closed");
      }
      return idle[--free];
    } finally {
      lock.unlock();
    }
  }

  void giveBack(Slot slot) {
    slot.dropRetired();
    lock.lock();
    try {
      idle[free++] = slot;
      if (closed) {
        changed.signalAll();
      } else {
        changed.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /// Frees the workspaces of retired plans in slots that nobody uses now; the others do so when
  /// they are given back.
  void dropRetired() {
    lock.lock();
    try {
      for (int i = 0; i < free; i++) {
        idle[i].dropRetired();
      }
    } finally {
      lock.unlock();
    }
  }

  /// Refuses new and waiting callers, waits for the runs in flight, and frees all workspaces.
  ///
  /// @return whether this call was the one that closed
  boolean close() {
    lock.lock();
    try {
      boolean first = !closed;
      closed = true;
      changed.signalAll();
      while (free < idle.length) {
        changed.awaitUninterruptibly();
      }
      if (first) {
        for (Slot slot : idle) {
          slot.close();
        }
      }
      return first;
    } finally {
      lock.unlock();
    }
  }
}
