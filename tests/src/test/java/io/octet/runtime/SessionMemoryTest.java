package io.octet.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.octet.runtime.OpenAndClose.Held;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/// Counts in a process of its own, where Java's heap does not grow. What Java's compiler borrows
/// from the C heap comes and goes by a few hundred KiB, in some rounds; a session that lost one
/// native object each time would lose more in every round. Two must be flat: a compiler that gives
/// back its memory once would hide a leak from one.
class SessionMemoryTest {
  private static final Held FLAT = new Held(128 * 1024, 2048 * 1024);
  private static final int SESSIONS = 500;
  private static final int ROUNDS = 10;

  @Test
  void openingAndClosingAThousandSessionsLeavesNativeMemoryFlat() throws Exception {
    Assumptions.assumeTrue(
        Files.exists(Path.of("/proc/self/statm")), "SKIPPED: no /proc, so no Linux");
    List<Held> grown =
        openAndClose(SESSIONS, ROUNDS, FLAT.heap(), FLAT.resident())
            .map(line -> line.split(" "))
            .map(columns -> Held.parse(columns[0], columns[1]))
            .toList();
    assertEquals(
        2,
        grown.stream().filter(held -> held.below(FLAT)).count(),
        () -> "bytes that each round added: " + grown);
  }

  private static Stream<String> openAndClose(long... arguments)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xms128m",
            "-Xmx128m",
            "-XX:+AlwaysPreTouch",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--illegal-native-access=deny",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            OpenAndClose.class.getName());
    LongStream.of(arguments).mapToObj(Long::toString).forEach(builder.command()::add);
    Process process = builder.redirectErrorStream(true).start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertEquals(0, process.waitFor(), output);
    return output.lines();
  }
}
