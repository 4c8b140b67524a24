package io.octet.internal.kernel;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.internal.ffi.DnnlIsa;
import io.octet.testkit.CappedJvm;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// How far each engine's requantization is from the literal one, under each instruction set.
///
/// Measured on a Xeon with AMX, values one step away of all that were compared, none two; where
/// exactness is asked for there is none at all, which the program holds:
///
/// | layers with | oneDNN | FBGEMM | Java |
/// |---|---|---|---|
/// | random scales, each cap | 0 of 16,000 to 25,000 | 0 of 11,500 | none there |
/// | ties, eight sums a step, each cap | 10,003 of 247,808 | 0 of 197,120 | none there |
/// | what would be ties, sse41 | 7,797 of 247,808 | not there | none there |
/// | the same, avx2 | 7,837 | 2,323 of 215,040 | none there |
/// | the same, avx2_vnni to avx512_core_vnni | 8,131 | 2,323 | none there |
/// | the same, avx512_core_amx | 8,034 | 2,323 | none there |
///
/// oneDNN multiplies by the reciprocal of the output's scale and adds the zero point before it
/// rounds; FBGEMM multiplies by one product of all scales. Sums, products, means, conversions and
/// functions of one value, at ties or not: 0 of all, on each backend that serves them.
class RoundingDistanceTest {
  @ParameterizedTest
  @MethodSource("io.octet.testkit.CappedJvm#caps")
  void noValueIsMoreThanAStepAwayAndExactlyNoneIs(DnnlIsa cap) {
    assertNear(cap, 40);
  }

  @Tag("long")
  @ParameterizedTest
  @MethodSource("io.octet.testkit.CappedJvm#caps")
  void soItIsInFourHundredCasesOfAKind(DnnlIsa cap) {
    assertNear(cap, 400);
  }

  private static void assertNear(DnnlIsa cap, int cases) {
    List<String> lines = CappedJvm.run(cap, RoundingSweep.class, String.valueOf(cases));
    String all = String.join("\n", lines);
    for (String operator : List.of("conv", "linear", "binary", "pool", "layers at ties")) {
      assertTrue(all.contains("onednn " + operator + ": "), all);
    }
    boolean fbgemm = CappedJvm.hadFbgemm(cap, lines.getFirst());
    assertTrue(!fbgemm || !cap.hasVnni() || all.contains("fbgemm layers at ties: 0 of "), all);
    for (String operator : List.of("operators at ties", "binary", "pool")) {
      assertTrue(all.contains("onednn " + operator + ": 0 of "), all);
    }
    // Java's kernels are the rule itself.
    List<String> java = lines.stream().filter(line -> line.startsWith("jvm ")).toList();
    assertTrue(java.size() >= 5, all);
    assertTrue(java.stream().allMatch(line -> line.contains(": 0 of ")), all);
  }
}
