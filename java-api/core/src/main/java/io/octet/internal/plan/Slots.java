package io.octet.internal.plan;

import io.octet.internal.kernel.Closing;
import java.util.concurrent.locks.LockSupport;

/// The right to run, for as many runs as its owner allows at once; callers beyond it wait, and are
/// served in the order of their coming. Neither taking, waiting nor returning allocates.
///
/// A slot that is returned goes to the first who waits, so that nobody overtakes. No Throwable
/// loses one: whoever cannot return it, for want of stack, does not get it.
final class Slots {
  /// A caller who waits, in a queue; kept for the next one afterwards.
  private static final class Waiter {
    private Thread thread;
    private volatile Slot given;
    private Waiter next;
  }

  private final String owner;
  private final Slot[] idle;
  private int free;
  private Waiter first;
  private Waiter last;
  private Waiter spare;
  private volatile boolean closed;
  private boolean freeing;
  private boolean freed;

  /// @param owner what is closed with it, in the words of an error: "session"
  /// @param crews what runs for each slot: as many slots as these, where null stands for the caller
  Slots(String owner, Crew[] crews) {
    this.owner = owner;
    idle = new Slot[crews.length];
    for (int i = 0; i < crews.length; i++) {
      idle[i] = new Slot(this, crews[i]);
    }
    free = crews.length;
  }

  /// Waits for a slot.
  ///
  /// @throws IllegalStateException if the owner is closed, before or while waiting
  Slot take() {
    StackRoom.requireToReturn();
    Waiter waiter;
    synchronized (this) {
      requireOpen();
      if (free > 0) {
        return idle[--free];
      }
      waiter = enqueued();
    }
    return waited(waiter);
  }

  private Waiter enqueued() {
    Waiter waiter = spare == null ? new Waiter() : spare;
    spare = waiter.next;
    waiter.next = null;
    waiter.thread = Thread.currentThread();
    if (first == null) {
      first = waiter;
    } else {
      last.next = waiter;
    }
    last = waiter;
    return waiter;
  }

  /// The slot that the waiter is given; an interruption is kept for later.
  private Slot waited(Waiter waiter) {
    boolean interrupted = false;
    try {
      while (waiter.given == null && !closed) {
        LockSupport.park(this);
        interrupted |= Thread.interrupted();
      }
    } catch (Throwable t) {
      Slot given = leave(waiter);
      if (given != null) {
        giveBack(given);
      }
      throw t;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    Slot given = leave(waiter);
    if (given == null) {
      requireOpen();
    }
    return given;
  }

  /// Takes a waiter out of the queue, where it still is in it; gives what it was given.
  private synchronized Slot leave(Waiter waiter) {
    Slot given = waiter.given;
    if (given == null) {
      remove(waiter);
    }
    waiter.given = null;
    waiter.thread = null;
    waiter.next = spare;
    spare = waiter;
    return given;
  }

  private void remove(Waiter waiter) {
    Waiter before = null;
    for (Waiter w = first; w != null; before = w, w = w.next) {
      if (w == waiter) {
        if (before == null) {
          first = w.next;
        } else {
          before.next = w.next;
        }
        last = last == w ? before : last;
        return;
      }
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("this " + owner + " is closed");
    }
  }

  /// Gives the slot to the first who waits.
  void giveBack(Slot slot) {
    Thread served = null;
    synchronized (this) {
      if (closed || first == null) {
        idle[free++] = slot;
        if (closed) {
          notifyAll();
        }
      } else {
        Waiter waiter = first;
        first = waiter.next;
        waiter.next = null;
        served = waiter.thread;
        waiter.given = slot;
      }
    }
    LockSupport.unpark(served);
  }

  /// Frees the workspaces of retired plans in slots that nobody uses now; the others do so when
  /// they are given back.
  synchronized void dropRetired() {
    for (int i = 0; i < free; i++) {
      idle[i].dropRetired();
    }
  }

  /// Frees all workspaces in slots that nobody uses now: whoever comes next may be given any slot,
  /// so memory that one of them keeps must not be what another lacks.
  synchronized void dropIdle() {
    for (int i = 0; i < free; i++) {
      idle[i].dropAll();
    }
  }

  /// Refuses new and waiting callers, waits for the runs in flight, and frees the slots; returns
  /// when all that has happened, whoever did it. Where something could not be freed, the next call
  /// tries again.
  ///
  /// @param rest what is to be freed behind the slots, once
  void close(Runnable rest) {
    StackRoom.requireToMake();
    synchronized (this) {
      closed = true;
      for (Waiter w = first; w != null; w = w.next) {
        LockSupport.unpark(w.thread);
      }
      awaitTheLastRun();
      if (freed) {
        return;
      }
      freeing = true;
    }
    boolean complete = false;
    try {
      Closing closing = new Closing();
      for (Slot slot : idle) {
        closing.close(slot::free);
      }
      closing.close(rest::run);
      closing.end();
      complete = true;
    } finally {
      synchronized (this) {
        freed = complete;
        freeing = false;
        notifyAll();
      }
    }
  }

  private void awaitTheLastRun() {
    boolean interrupted = false;
    try {
      while (free < idle.length || freeing) {
        try {
          wait();
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
}
