package io.octet.testkit;

import java.util.Random;
import java.util.stream.LongStream;

/// Seeds of random tests: the same in each run, so that a build says something of the change that
/// was built; `-Dtest.seed=fresh`, which the `long` profile sets, looks for what nobody has seen;
/// `-Dtest.seed=` with a number repeats one case.
public final class Seeds {
  private static final long SAME = 8;

  private Seeds() {}

  /// `count` seeds, one for each case; only the given one where `-Dtest.seed=` is a number.
  public static LongStream cases(int count) {
    String seed = System.getProperty("test.seed", "");
    return switch (seed) {
      case "" -> new Random(SAME).longs(count, 0, Long.MAX_VALUE);
      case "fresh" -> new Random().longs(count, 0, Long.MAX_VALUE);
      default -> LongStream.of(Long.parseLong(seed));
    };
  }

  /// How to repeat one case: to be part of every assertion's message.
  public static String replay(long seed) {
    return "-Dtest.seed=" + seed;
  }
}
