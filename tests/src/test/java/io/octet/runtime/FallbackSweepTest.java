package io.octet.runtime;

import static java.util.stream.Collectors.toSet;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.octet.testkit.ChildJvm;
import io.octet.testkit.Machine;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What falls back under each instruction set and without libraries, and that the policy sees
/// exactly those nodes.
class FallbackSweepTest {
  private static final Set<String> LAYERS = Set.of("Conv", "Gemm", "MatMul");

  @TempDir Path empty;

  /// One node of a sweep.
  private record Row(
      String op, String dtype, String backend, boolean fell, String code, String name) {
    static Row of(String line) {
      String[] w = line.split(" ");
      return new Row(w[1], w[2], w[3], w[4].equals("fell"), w[5], w[6]);
    }
  }

  private record Sweep(String verdict, List<Row> rows, String end) {
    static Sweep of(String... properties) {
      String out = ChildJvm.run(List.of(properties), FallbackSweep.class).expect(0);
      List<String> lines = out.lines().toList();
      return new Sweep(
          lines.getFirst().substring("verdict ".length()),
          lines.stream().filter(l -> l.startsWith("node ")).map(Row::of).toList(),
          lines.getLast());
    }

    /// What holds on every machine.
    Sweep consistent() {
      boolean any = rows.stream().anyMatch(Row::fell);
      assertEquals(any, end.startsWith("refused "), end);
      for (Row row : rows) {
        boolean int8 = row.dtype.equals("int8");
        assertFalse(int8 && row.fell, row::toString);
        assertFalse(row.fell && row.code.equals("not_quantized"), row::toString);
        assertEquals(row.fell, refused().contains(row.name), () -> row + " in " + end);
        if (LAYERS.contains(row.op)) {
          assertEquals(!int8, row.fell, row::toString); // this network quantizes all of them
        }
      }
      return this;
    }

    /// The names in "[0, 3]: reason | [5]: another".
    Set<String> refused() {
      return Pattern.compile("\\| +\\[([^]]*)]: ")
          .matcher(end)
          .results()
          .flatMap(m -> Stream.of(m.group(1).split(", ")))
          .collect(toSet());
    }

    List<Row> layers() {
      List<Row> layers = rows.stream().filter(r -> LAYERS.contains(r.op)).toList();
      assertEquals(3, layers.size(), rows::toString);
      return layers;
    }
  }

  @Test
  void withVnniNothingFallsBack() {
    Sweep sweep = Sweep.of().consistent();
    assumeTrue(
        sweep.verdict.equals("int8-vnni"), () -> "SKIPPED: the verdict here is " + sweep.verdict);
    sweep.layers().forEach(row -> assertEquals("int8", row.dtype, row::toString));
    assertEquals("opened 1", sweep.end);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sse41", "avx2", "avx512_core"})
  void withoutVnniALayerIsInt8OrSaysThatItWouldSaturate(String isa) {
    Machine.requireX86();
    Sweep sweep = Sweep.of("octet.maxIsa=" + isa).consistent();
    assumeTrue(
        sweep.verdict.equals("int8-reduced"),
        () -> "SKIPPED: under a cap the verdict here is " + sweep.verdict);
    for (Row row : sweep.layers()) {
      assertTrue(!row.fell || row.code.equals("would_saturate"), row::toString);
    }
  }

  @Test
  void withoutLibrariesEveryLayerFallsBackBecauseTheyAreMissing() {
    Sweep sweep = Sweep.of("octet.libraryPath=" + empty).consistent();
    assertEquals("fp32", sweep.verdict);
    for (Row row : sweep.layers()) {
      assertEquals("backend_unavailable", row.code, row::toString);
      assertEquals("jvm", row.backend, row::toString);
    }
  }

  @Test
  void theOracleRunsEveryLayerInInt8WithoutLibrariesIfAsked() {
    Sweep sweep = Sweep.of("octet.libraryPath=" + empty, "octet.backend=reference").consistent();
    sweep.layers().forEach(row -> assertEquals("reference", row.backend, row::toString));
  }

  @Test
  void preferringABackendThatIsNotThereChangesNothing() {
    Sweep usual = Sweep.of("octet.libraryPath=" + empty);
    Sweep other = Sweep.of("octet.libraryPath=" + empty, "octet.backend=octet,fbgemm");
    assertEquals(usual.rows, other.consistent().rows);
    assertTrue(other.end.contains("octet: this build has no"), other.end);
  }
}
