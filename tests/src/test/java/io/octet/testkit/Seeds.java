package io.octet.testkit;

import java.util.Random;
import java.util.stream.LongStream;

/// Seeds of random tests: new ones in each run, or the one that `-Dtest.seed=` names.
public final class Seeds {
  private Seeds() {}

  /// `count` seeds, one for each case; only the given one where `-Dtest.seed=` is set.
  public static LongStream cases(int count) {
    Long fixed = Long.getLong("test.seed");
    return fixed != null ? LongStream.of(fixed) : new Random().longs(count, 0, Long.MAX_VALUE);
  }

  /// How to repeat one case: to be part of every assertion's message.
  public static String replay(long seed) {
    return "-Dtest.seed=" + seed;
  }
}
