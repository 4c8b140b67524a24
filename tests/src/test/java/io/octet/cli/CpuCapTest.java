package io.octet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.octet.io.Json;
import io.octet.testkit.ChildJvm;
import io.octet.testkit.Machine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `octet cpu` under caps and without libraries, in processes of their own: both are fixed once.
class CpuCapTest {
  @TempDir Path empty;

  private static Map<String, Object> cpu(String property) throws IOException {
    String out = ChildJvm.run(List.of(property), Main.class, "cpu", "--json").expect(Exit.DONE);
    return Json.parse(out, "octet cpu");
  }

  private static Map<?, ?> backend(Map<String, Object> cpu, String name) {
    return ((List<?>) cpu.get("backends"))
        .stream()
            .map(b -> (Map<?, ?>) b)
            .filter(b -> b.get("name").equals(name))
            .findFirst()
            .orElseThrow(() -> new AssertionError(name + " in " + cpu));
  }

  @ParameterizedTest
  @CsvSource({
    "sse41, int8-reduced",
    "avx2, int8-reduced",
    "avx512_core, int8-reduced",
    "avx2_vnni, int8-vnni",
    "avx512_core_vnni, int8-vnni"
  })
  void theVerdictIsThatOfTheCap(String isa, String path) throws IOException {
    Machine.requireX86();
    Map<String, Object> cpu = cpu("octet.maxIsa=" + isa);
    Map<?, ?> onednn = backend(cpu, "onednn");
    assumeTrue(isa.equals(onednn.get("isa")), () -> "SKIPPED: no " + isa + " here: " + onednn);
    Map<?, ?> verdict = (Map<?, ?>) cpu.get("verdict");
    assertEquals(path, verdict.get("path"), verdict::toString);
    assertTrue(verdict.get("reason").toString().contains(isa), verdict::toString);
  }

  @Test
  void definitionsAmongTheArgumentsAreTakenBeforeAnythingIsLoaded() throws IOException {
    String property = "-Doctet.libraryPath=" + empty;
    for (String[] arguments :
        new String[][] {{property, "cpu", "--json"}, {"cpu", "--json", property}}) {
      String out = ChildJvm.run(List.of(), Main.class, arguments).expect(Exit.DONE);
      Map<?, ?> verdict = (Map<?, ?>) Json.parse(out, "octet cpu").get("verdict");
      assertEquals("fp32", verdict.get("path"), verdict::toString);
    }
  }

  @Test
  void aCapThatIsNoneIsRefusedWithTheNames() {
    ChildJvm.Outcome outcome =
        ChildJvm.run(List.of("octet.maxIsa=abacus"), Main.class, "cpu", "--json");
    String out = outcome.expect(Exit.BAD_INPUT);
    assertTrue(out.contains("abacus") && out.contains("avx512_core_vnni"), out);
  }

  @Test
  void withoutLibrariesTheVerdictSaysSoAndJavaIsLeft() throws IOException {
    Map<String, Object> cpu = cpu("octet.libraryPath=" + empty);
    assertEquals("fp32", ((Map<?, ?>) cpu.get("verdict")).get("path"));
    Map<?, ?> onednn = backend(cpu, "onednn");
    assertEquals(false, onednn.get("available"));
    assertFalse(onednn.get("reason").toString().isEmpty());
    assertEquals(true, backend(cpu, "jvm").get("available"));
  }
}
