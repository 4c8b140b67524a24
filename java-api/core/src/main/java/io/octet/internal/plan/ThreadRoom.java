package io.octet.internal.plan;

import io.octet.OctetException.Unsupported;
import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/// Finds out whether the process may have so many threads more by starting them: libgomp ends the
/// process where it cannot start one, and a Java thread throws. Limits on a user's processes, a
/// container's and an address space count both kinds alike.
final class ThreadRoom {
  /// Of each thread: what {@link io.octet.internal.ffi.Natives} asks libgomp for, too.
  static final long STACK = 2 << 20;

  /// What others may start between the trial and the real start.
  private static final int MARGIN = 8;

  private static final long PATIENCE = 100_000_000;

  private ThreadRoom() {}

  /// Starts as many threads as the runs want and some more, and ends them.
  ///
  /// @throws Unsupported if there is no room for them
  static void require(String owner, int runs, int threads) {
    CountDownLatch end = new CountDownLatch(1);
    List<Thread> held = new ArrayList<>();
    try {
      for (long i = 0; i < (long) runs * threads + MARGIN; i++) {
        Thread thread =
            Thread.ofPlatform()
                .name("octet room")
                .daemon()
                .inheritInheritableThreadLocals(false)
                .stackSize(STACK)
                .unstarted(() -> awaitEnd(end));
        start(thread, owner, runs, threads);
        held.add(thread);
      }
    } finally {
      int before = count();
      end.countDown();
      held.forEach(ThreadRoom::join);
      awaitFewer(before - held.size());
    }
  }

  /// Starts a thread of those that the runs want.
  ///
  /// @throws Unsupported if there is no room for it
  static void start(Thread thread, String owner, int runs, int threads) {
    try {
      thread.start();
    } catch (OutOfMemoryError e) {
      throw new Unsupported(
          "the "
              + owner
              + " wants "
              + (long) runs * threads
              + " threads ("
              + runs
              + " runs at once x "
              + threads
              + " threads inside each), and the process cannot start them: "
              + e.getMessage()
              + "; lower maxConcurrentRuns or intraOp, or raise the limit on threads (ulimit"
              + " -u, a container's pids limit) or on memory (ulimit -v)");
    }
  }

  private static void awaitEnd(CountDownLatch end) {
    try {
      end.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Waits for the end of a thread; an interruption is kept for later.
  static void join(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /// Linux counts a thread a little longer than Java sees it.
  private static void awaitFewer(int threads) {
    long begin = System.nanoTime();
    while (count() > threads && System.nanoTime() - begin < PATIENCE) {
      LockSupport.parkNanos(100_000);
    }
  }

  /// Threads of this process; 0 where the system does not tell.
  private static int count() {
    String[] tasks = new File("/proc/self/task").list();
    return tasks == null ? 0 : tasks.length;
  }
}
