package io.octet.internal.compile;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// The right to run, for as many runs as its owner allows at once; callers beyond it wait in order.
/// Taking and returning a free slot allocates nothing.
final class Slots {
  private final ReentrantLock lock = new ReentrantLock(true);
  private final Condition changed = lock.newCondition();
  private final String owner;
  private final Slot[] idle;
  private int free;
  private boolean closed;

  /// @param owner what is closed with it, in the words of an error: "session"
  Slots(int count, String owner) {
    this.owner = owner;
    idle = new Slot[count];
    for (int i = 0; i < count; i++) {
      idle[i] = new Slot();
    }
    free = count;
  }

  /// Waits for a slot.
  ///
  /// @throws IllegalStateException if the owner is closed, before or while waiting
  Slot take() {
    lock.lock();
    try {
      while (free == 0 && !closed) {
        changed.awaitUninterruptibly();
      }
      if (closed) {
        throw new IllegalStateException("this " + owner + " is closed");
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
