package io.octet.internal.ffi;

/// The OpenMP team of the calling thread: started at its first parallel work, and ended with the
/// thread.
public final class OpenmpTeam {
  private OpenmpTeam() {}

  /// Makes the calling thread compute with `threads` threads, and starts them where the runtime can
  /// be told to.
  public static void start(int threads) {
    OmpBindings.setNumThreads(threads);
    if (OmpBindings.canRunParallel()) {
      OmpBindings.parallel(threads);
    }
  }
}
