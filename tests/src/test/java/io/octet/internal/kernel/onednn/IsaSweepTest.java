package io.octet.internal.kernel.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.testkit.CappedJvm;
import java.util.List;
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
    List<String> lines = CappedJvm.run(isa, IsaSweep.class);
    String all = String.join("\n", lines);
    String[] last = lines.getLast().split(" ");
    assertEquals(3, last.length, all);
    int served = Integer.parseInt(last[1]);
    int refused = Integer.parseInt(last[2]);
    assertTrue(2 * served > 3 * refused, all);
    boolean vnni = isa.contains("vnni") || isa.contains("amx");
    assertEquals(!vnni, all.contains("(split weights)"), all);
    assertEquals(!vnni, all.contains("(s8 as u8)"), all);
  }
}
