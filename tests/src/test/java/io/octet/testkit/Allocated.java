package io.octet.testkit;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/// How much memory of the heap a piece of work takes on this thread.
public final class Allocated {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private Allocated() {}

  /// The fewest bytes that a run of so many allocated: a compiler's or profiler's own work on this
  /// thread does not count, what the work does in every run does.
  public static long least(int runs, Runnable work) {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < runs && least > 0; i++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      work.run();
      least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
    }
    return least;
  }
}
