package io.octet.internal.tune;

/// The real stopwatch. Both take turns, so that whatever else the machine does meets both; in a
/// turn one of them runs several times in a row, since single runs evict the other's weights. The
/// fastest run is the time: on a busy machine nothing else is the work's own.
public final class Turns implements Stopwatch {
  private static final int ROUNDS = 9;
  private static final int LEAST_RUNS = 3;
  private static final long TURN_NANOS = 300_000;
  private static final long WARM_UP_NANOS = 30_000_000;

  @Override
  public Times time(Runnable int8, Runnable fp32) {
    long begin = System.nanoTime();
    do {
      fastest(int8);
      fastest(fp32);
    } while (System.nanoTime() - begin < WARM_UP_NANOS);
    long one = Long.MAX_VALUE;
    long other = Long.MAX_VALUE;
    for (int i = 0; i < ROUNDS; i++) {
      one = Math.min(one, fastest(int8));
      other = Math.min(other, fastest(fp32));
    }
    return new Times(one, other);
  }

  /// Nanoseconds of the fastest of some runs in a row.
  private static long fastest(Runnable work) {
    long least = Long.MAX_VALUE;
    long begin = System.nanoTime();
    long before = begin;
    for (int i = 0; i < LEAST_RUNS || before - begin < TURN_NANOS; i++) {
      work.run();
      long after = System.nanoTime();
      least = Math.min(least, after - before);
      before = after;
    }
    return least;
  }
}
