package io.octet.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/// Counts in a process of its own, where Java's heap does not grow. What Java's compiler borrows
/// from the C heap comes and goes by a few hundred KiB; a session that lost one native object each
/// time would lose more.
class SessionMemoryTest {
  private static final long KIB = 1024;

  /// Bytes in use of the C heap, and bytes of the process in memory.
  private record Held(long heap, long resident) {
    static Held parse(String line) {
      String[] columns = line.split(" ");
      return new Held(Long.parseLong(columns[0]), Long.parseLong(columns[1]));
    }
  }

  @Test
  void openingAndClosingAThousandSessionsLeavesNativeMemoryFlat() throws Exception {
    Assumptions.assumeTrue(
        Files.exists(Path.of("/proc/self/statm")), "SKIPPED: no /proc, so no Linux");
    List<Held> held = openAndClose("1000", "500", "500").stream().map(Held::parse).toList();

    assertEquals(3, held.size());
    // Twice: a compiler that gives back its memory once would hide a leak from one comparison.
    for (int i = 1; i < held.size(); i++) {
      long heap = held.get(i).heap() - held.get(i - 1).heap();
      long resident = held.get(i).resident() - held.get(i - 1).resident();
      assertTrue(heap < 128 * KIB, () -> "the C heap grew by " + heap + " bytes");
      assertTrue(resident < 2048 * KIB, () -> "the process grew by " + resident + " bytes");
    }
  }

  private static List<String> openAndClose(String... counts)
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
    builder.command().addAll(List.of(counts));
    Process process = builder.redirectErrorStream(true).start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertEquals(0, process.waitFor(), output);
    return output.lines().toList();
  }
}
