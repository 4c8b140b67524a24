package io.octet.internal.plan;

import io.octet.internal.ffi.Availability.Available;
import io.octet.internal.ffi.Natives;
import io.octet.internal.ffi.OpenmpTeam;
import java.util.concurrent.locks.LockSupport;

/// The thread that does a slot's runs, and its OpenMP team behind it. OpenMP gives each thread that
/// computes a team of its own, kept until that thread ends: with one thread for each slot there are
/// as many as the session asked for, whoever calls. Where one thread works inside a run there is no
/// team, and no crew: the caller runs. Neither side spins: on two busy processors that took the
/// processor from the other one, and a loop of hand-overs 12 to 87 us each instead of 7.
final class Crew implements AutoCloseable {
  private final Thread thread;
  private volatile Runnable work;
  private volatile boolean stopped;
  private Thread caller;
  private Throwable failure;

  private Crew(String name) {
    thread =
        Thread.ofPlatform()
            .name(name)
            .daemon()
            .inheritInheritableThreadLocals(false)
            .stackSize(ThreadRoom.STACK)
            .unstarted(this::serve);
  }

  /// A crew for each of `runs` slots, or null where the caller runs. Every thread of every team is
  /// started now, one pool after the other, so that a lack shows here.
  ///
  /// @throws io.octet.OctetException.Unsupported if the process cannot have so many threads
  static Crew[] start(String owner, int runs, int threads) {
    Crew[] crews = new Crew[runs];
    if (threads > 1 && Natives.openmp() instanceof Available) {
      synchronized (Crew.class) {
        ThreadRoom.require(owner, runs, threads);
        try {
          for (int i = 0; i < runs; i++) {
            crews[i] = new Crew("octet " + owner + " run " + i);
            ThreadRoom.start(crews[i].thread, owner, runs, threads);
            crews[i].perform(() -> OpenmpTeam.start(threads));
          }
        } catch (RuntimeException | Error e) {
          stop(crews);
          throw e;
        }
      }
    }
    return crews;
  }

  /// Ends their threads; where the caller runs there is none.
  static void stop(Crew[] crews) {
    for (Crew crew : crews) {
      if (crew != null) {
        crew.close();
      }
    }
  }

  /// Does the work on this crew's thread and returns when it is done, whatever befalls the caller
  /// meanwhile; an interruption is kept for later. One caller at a time. Allocates nothing.
  void perform(Runnable next) {
    caller = Thread.currentThread();
    failure = null;
    work = next;
    Throwable own = awaitEnd();
    caller = null;
    switch (failure != null ? failure : own) {
      case null -> {}
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      case Throwable t -> throw new IllegalStateException("a run threw", t);
    }
  }

  private Throwable awaitEnd() {
    Throwable own = null;
    boolean interrupted = false;
    boolean called = false;
    while (work != null) {
      try {
        if (!called) {
          LockSupport.unpark(thread);
          called = true;
        } else {
          LockSupport.park(this);
          interrupted |= Thread.interrupted();
        }
      } catch (Throwable t) {
        own = t; // the crew is still at work on memory that the caller must not give back
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return own;
  }

  private void serve() {
    while (!stopped) {
      Runnable next = work;
      if (next != null) {
        try {
          next.run();
        } catch (Throwable t) {
          failure = t;
        }
        Thread waiting = caller;
        work = null;
        LockSupport.unpark(waiting);
      } else {
        LockSupport.park(this);
      }
    }
  }

  /// Ends the thread, and with it its team. No run may be in flight.
  @Override
  public void close() {
    stopped = true;
    LockSupport.unpark(thread);
    ThreadRoom.join(thread);
  }
}
