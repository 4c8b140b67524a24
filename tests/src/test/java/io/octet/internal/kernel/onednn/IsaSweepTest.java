package io.octet.internal.kernel.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// oneDNN under each instruction set that this processor has: what it serves is right, by split
/// weights where sums could saturate.
class IsaSweepTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "sse41",
        "avx2",
        "avx2_vnni",
        "avx512_core",
        "avx512_core_vnni",
        "avx512_core_amx"
      })
  void whatIsServedUnderACapIsRight(String isa) throws Exception {
    String[] output = sweep(isa).strip().split("\n");
    String[] last = output[output.length - 1].split(" ");
    Assumptions.assumeTrue(
        last.length != 3 || last[0].equals(isa), () -> "SKIPPED: this processor has no " + isa);
    assertEquals(3, last.length, () -> String.join("\n", output));
    int served = Integer.parseInt(last[1]);
    int refused = Integer.parseInt(last[2]);
    assertTrue(2 * served > 3 * refused, () -> served + " cases served, " + refused + " refused");
    boolean splits = Arrays.stream(output).anyMatch(line -> line.contains("(split weights"));
    boolean vnni = isa.contains("vnni") || isa.contains("amx");
    assertEquals(!vnni, splits, () -> String.join("\n", output));
  }

  private static String sweep(String isa) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--illegal-native-access=deny",
                "-Doctet.maxIsa=" + isa,
                "-cp",
                System.getProperty("java.class.path"),
                IsaSweep.class.getName())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int status = process.waitFor();
    assertEquals(0, status, output);
    return output;
  }
}
