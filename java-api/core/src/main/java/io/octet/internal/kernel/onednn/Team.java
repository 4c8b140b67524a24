package io.octet.internal.kernel.onednn;

import io.octet.internal.ffi.Availability.Available;
import io.octet.internal.ffi.Natives;
import io.octet.internal.ffi.OmpBindings;

/// How many OpenMP threads oneDNN uses on behalf of the calling thread. OpenMP keeps that number
/// per thread and starts from the machine's, whatever limit the JVM has; a primitive uses the
/// smaller of the numbers at its creation and at its execution.
final class Team {
  /// Where the runtime cannot be asked, oneDNN's own default stays.
  private static final boolean CONTROLLED = Natives.openmp() instanceof Available;

  private Team() {}

  /// Sets the number for this thread and returns the one before, for [#restore].
  static int enter(int threads) {
    if (!CONTROLLED) {
      return threads;
    }
    int before = OmpBindings.getMaxThreads();
    if (before != threads) {
      OmpBindings.setNumThreads(threads);
    }
    return before;
  }

  static void restore(int before, int threads) {
    if (CONTROLLED && before != threads) {
      OmpBindings.setNumThreads(before);
    }
  }
}
