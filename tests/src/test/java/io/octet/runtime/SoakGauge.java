package io.octet.runtime;

import io.octet.testkit.NativeMemory;
import io.octet.testkit.OsThreads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;

/// What a process holds while it works. Sessions come and go, so the least of each twentieth of the
/// time counts: what a leak adds is in that, too.
final class SoakGauge {
  private static final int PARTS = 20;
  private static final long PAGE = 4096;
  private static final long MIB = 1 << 20;

  private final long begin = System.nanoTime();
  private final long length;
  private final long[] resident = new long[PARTS];
  private final long[] inUse = new long[PARTS];
  private final int[] threads = new int[PARTS];
  private int mostThreads;

  SoakGauge(Duration length) {
    this.length = length.toNanos();
    Arrays.fill(resident, Long.MAX_VALUE);
    Arrays.fill(inUse, Long.MAX_VALUE);
    Arrays.fill(threads, Integer.MAX_VALUE);
  }

  private long elapsed() {
    return System.nanoTime() - begin;
  }

  boolean isOver() {
    return elapsed() >= length;
  }

  long minutes() {
    return Duration.ofNanos(elapsed()).toMinutes();
  }

  void read() {
    int part = (int) Math.min(PARTS - 1, elapsed() * PARTS / length);
    int count = OsThreads.count();
    resident[part] = Math.min(resident[part], residentNow());
    inUse[part] = Math.min(inUse[part], NativeMemory.inUse());
    threads[part] = Math.min(threads[part], count);
    mostThreads = Math.max(mostThreads, count);
  }

  String now() {
    return "rss=%d native=%d MiB, threads=%d"
        .formatted(residentNow() / MIB, NativeMemory.inUse() / MIB, OsThreads.count());
  }

  /// The parts that end at a tenth, at half, and at the end of the time.
  String summary() {
    int[] at = {PARTS / 10 - 1, PARTS / 2 - 1, PARTS - 1};
    return ("rss10=%d rss50=%d rss100=%d native10=%d native50=%d native100=%d MiB,"
            + " threads10=%d threads50=%d threads100=%d threadsMin=%d threadsMax=%d")
        .formatted(
            resident[at[0]] / MIB,
            resident[at[1]] / MIB,
            resident[at[2]] / MIB,
            inUse[at[0]] / MIB,
            inUse[at[1]] / MIB,
            inUse[at[2]] / MIB,
            threads[at[0]],
            threads[at[1]],
            threads[at[2]],
            Arrays.stream(threads).min().orElseThrow(),
            mostThreads);
  }

  private static long residentNow() {
    try {
      return Long.parseLong(Files.readString(Path.of("/proc/self/statm")).split(" ")[1]) * PAGE;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
