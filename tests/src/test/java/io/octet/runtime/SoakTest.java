package io.octet.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.testkit.ChildJvm;
import io.octet.testkit.Limits;
import io.octet.testkit.Machine;
import io.octet.testkit.Seeds;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// An hour (`-Dsoak.minutes=60`) of sixteen callers, four networks, six batches, and ten sessions
/// opened and closed a second, in a process that may have little memory and few threads. Progress
/// goes to standard error, a line a minute.
class SoakTest {
  private static final String MINUTES = System.getProperty("soak.minutes", "60");

  /// Java's heap and code take 1.5 GB of addresses, and each thread 64 MB for its C heap at worst.
  private static final long MEMORY = 12_000_000_000L;

  private static final int THREADS = 150;

  private static final List<String> OPTIONS =
      List.of(
          "-Xms192m",
          "-Xmx192m",
          "-XX:+AlwaysPreTouch",
          "-XX:+UseSerialGC",
          "-XX:ReservedCodeCacheSize=128m",
          "-XX:CompressedClassSpaceSize=64m");

  @Test
  @Tag("long")
  void anHourOfManyCallersGivesNoWrongAnswerAndLeavesMemoryAndThreadsFlat() {
    Machine.requireOnednn();
    long seed = Seeds.cases(1).findFirst().orElseThrow();
    System.err.println("soak: " + MINUTES + " minutes, " + Seeds.replay(seed));
    String out =
        ChildJvm.run(
                Limits.memoryAndThreads(MEMORY, THREADS),
                OPTIONS,
                Soak.class,
                MINUTES,
                Long.toString(seed))
            .expect(0)
            .strip();
    System.err.println(out + ", " + Seeds.replay(seed));
    Map<String, Long> found = numbers(out.lines().toList().getLast());
    assertEquals(0, found.get("wrong"), out);
    assertEquals(0, found.get("failed"), out);
    assertTrue(found.get("runs") > 1000 && found.get("opened") > 10, out);
    assertTrue(found.get("rss100") <= found.get("rss10") * 11 / 10 + 32, out);
    assertTrue(found.get("native100") <= found.get("native10") * 11 / 10 + 8, out);
    assertTrue(found.get("threads100") <= found.get("threads10") + 8, out);
  }

  private static Map<String, Long> numbers(String line) {
    Map<String, Long> numbers = new TreeMap<>();
    Matcher matcher = Pattern.compile("(\\w+)=(\\d+)").matcher(line);
    while (matcher.find()) {
      numbers.put(matcher.group(1), Long.parseLong(matcher.group(2)));
    }
    return numbers;
  }
}
