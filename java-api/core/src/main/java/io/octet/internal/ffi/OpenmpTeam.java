package io.octet.internal.ffi;

import io.octet.internal.ffi.Availability.Available;

/// The OpenMP team of the calling thread: started at its first parallel work, and ended with the
/// thread. OpenMP keeps its size per thread and starts from the machine's, whatever limit the JVM
/// has; a primitive of oneDNN uses the smaller of the sizes at its creation and at its execution.
public final class OpenmpTeam {
  /// Where the runtime cannot be asked, oneDNN's own default stays. Asked again until it can: a
  /// library that could not be loaded may be loaded later.
  private static volatile boolean controlled;

  private OpenmpTeam() {}

  /// Makes the calling thread compute with `threads` threads, and starts them where the runtime can
  /// be told to.
  public static void start(int threads) {
    OmpBindings.setNumThreads(threads);
    if (OmpBindings.canRunParallel()) {
      OmpBindings.parallel(threads);
    }
  }

  /// Sets the size for this thread and returns the one before, for {@link #restore}. Allocates
  /// nothing.
  public static int enter(int threads) {
    if (!isControlled()) {
      return threads;
    }
    int before = OmpBindings.getMaxThreads();
    if (before != threads) {
      OmpBindings.setNumThreads(threads);
    }
    return before;
  }

  /// Sets the size that {@link #enter} gave.
  public static void restore(int before, int threads) {
    if (before != threads && isControlled()) {
      OmpBindings.setNumThreads(before);
    }
  }

  private static boolean isControlled() {
    if (!controlled) {
      controlled = Natives.openmp() instanceof Available;
    }
    return controlled;
  }
}
