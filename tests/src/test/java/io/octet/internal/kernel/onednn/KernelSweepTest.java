package io.octet.internal.kernel.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.octet.internal.ffi.DnnlIsa;
import io.octet.testkit.ChildJvm;
import io.octet.testkit.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Which kernels are wrong on this machine, under each instruction set that it has: what is served
/// must be right, and what is wrong must have its rule in {@link ConvFaults}. It goes on where it
/// ended: its progress lies in `-Dsweep.folder=`, each cap takes `-Dsweep.seconds=`. What it finds
/// is written to `kernel-sweep.tsv` there, as the table that is committed.
@Tag("long")
class KernelSweepTest {
  private static final Path FOLDER =
      Path.of(System.getProperty("sweep.folder", "target/kernel-sweep"));
  private static final long SECONDS = Long.getLong("sweep.seconds", 60);
  private static final int MOST_CRASHES = 100;
  private static final Map<DnnlIsa, SweepProgress> DONE = new TreeMap<>();

  @AfterAll
  static void writeTheTable() throws IOException {
    List<String> lines = new ArrayList<>(SweepTable.head());
    DONE.forEach((cap, progress) -> lines.addAll(SweepTable.counts(cap.text(), progress)));
    lines.add(SweepTable.columns());
    DONE.forEach(
        (cap, progress) ->
            SweepTable.rows(cap.text(), progress).forEach(row -> lines.add(row.toString())));
    Files.write(FOLDER.resolve("kernel-sweep.tsv"), lines);
  }

  @ParameterizedTest
  @MethodSource("io.octet.testkit.CappedJvm#caps")
  void whatIsServedIsRightAndWhatIsWrongHasItsRule(DnnlIsa cap) throws IOException {
    Machine.requireX86();
    Machine.requireOnednn();
    Files.createDirectories(FOLDER);
    Path file = FOLDER.resolve(cap.text() + ".txt").toAbsolutePath();
    long end = System.nanoTime() + SECONDS * 1_000_000_000L;
    int crashes = 0;
    while (!isDone(cap, file, (end - System.nanoTime()) / 1_000_000_000L)) {
      assertTrue(++crashes <= MOST_CRASHES, "the sweep ends its process again and again");
    }
    try (SweepProgress progress = SweepProgress.open(file)) {
      DONE.put(cap, progress);
      System.out.println(String.join("\n", SweepTable.counts(cap.text(), progress)));
      List<SweepTable.Row> bad =
          SweepTable.rows(cap.text(), progress).stream()
              .filter(row -> row.first().served() || row.first().rule().equals("-"))
              .toList();
      assertEquals(List.of(), bad);
    }
  }

  /// Runs the program once; false where a kernel ended its process.
  private static boolean isDone(DnnlIsa cap, Path file, long seconds) {
    ChildJvm.Outcome outcome =
        ChildJvm.run(
            List.of(DnnlIsa.CAP_PROPERTY + "=" + cap.text()),
            KernelSweep.class,
            file.toString(),
            String.valueOf(Math.max(0, seconds)),
            cap.text());
    String actual = outcome.out().strip();
    assumeTrue(
        outcome.exit() != 0 || actual.equals(cap.text()),
        () -> "SKIPPED: this processor has no " + cap.text() + ", but " + actual);
    return outcome.exit() == 0;
  }
}
