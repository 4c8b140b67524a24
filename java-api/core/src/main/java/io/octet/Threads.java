package io.octet;

/// The threads of a session, or of a layer by itself. A method with a component's name gives these
/// with another value.
///
/// @param intraOp threads that work inside one run, at least 1: the caller's with 1; from 2 on
///   there are as many of their own for each concurrent run, whoever calls, and they are started
///   when the session is opened or the layer packed
/// @param maxConcurrentRuns runs at the same time, at least 1; callers beyond it wait
public record Threads(int intraOp, int maxConcurrentRuns) {
  /// Checks the ranges.
  public Threads {
    requirePositive("intraOp", intraOp);
    requirePositive("maxConcurrentRuns", maxConcurrentRuns);
  }

  /// One thread inside a run, as many runs as the process has processors.
  public static Threads defaults() {
    return new Threads(1, processors());
  }

  /// These with `threads` inside a run, and as many concurrent runs as processors remain for: say
  /// {@link #maxConcurrentRuns(int)} after it, not before.
  public Threads intraOp(int threads) {
    requirePositive("intraOp", threads);
    return new Threads(threads, Math.max(1, processors() / threads));
  }

  /// These with at most `runs` at the same time.
  public Threads maxConcurrentRuns(int runs) {
    return new Threads(intraOp, runs);
  }

  private static int processors() {
    return Runtime.getRuntime().availableProcessors();
  }

  /// @throws IllegalArgumentException if an option that counts something is below 1
  static void requirePositive(String name, long value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " must be at least 1, but is " + value);
    }
  }
}
