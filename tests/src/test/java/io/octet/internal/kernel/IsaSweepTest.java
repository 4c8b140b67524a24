package io.octet.internal.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.internal.ffi.DnnlIsa;
import io.octet.testkit.CappedJvm;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// oneDNN and FBGEMM under each instruction set that this processor has: what they serve is right,
/// and where they add in 16 bits the pairs of weights are those that the proof goes by.
class IsaSweepTest {
  @ParameterizedTest
  @MethodSource("io.octet.testkit.CappedJvm#caps")
  void whatIsServedUnderACapIsRight(DnnlIsa isa) {
    assertServedIsRight(isa, 15, 2);
  }

  @Tag("long")
  @ParameterizedTest
  @MethodSource("io.octet.testkit.CappedJvm#caps")
  void whatIsServedUnderACapIsRightInTwoHundredCasesOfAKind(DnnlIsa isa) {
    assertServedIsRight(isa, 200, 56);
  }

  private static void assertServedIsRight(DnnlIsa cap, int cases, int rows) {
    List<String> lines =
        CappedJvm.run(cap, IsaSweep.class, String.valueOf(cases), String.valueOf(rows));
    String all = String.join("\n", lines);
    assertTrue(count(lines, "onednn random served") > count(lines, "onednn random refused"), all);
    assertEquals(!cap.hasVnni(), all.contains("(split weights)"), all);
    assertEquals(!cap.hasVnni(), all.contains("(s8 as u8)"), all);
    boolean fbgemm = CappedJvm.hadFbgemm(cap, lines.getFirst());
    if (!cap.hasVnni()) {
      // What oneDNN has only as `ref`, FBGEMM serves where its pairs cannot saturate.
      boolean fast = cap.includes(DnnlIsa.AVX512_CORE);
      String safe = fbgemm ? "fbgemm" : fast ? "onednn" : "REF_KERNEL";
      assertTrue(lines.contains("groups: " + (fast ? "onednn" : "WOULD_SATURATE")), all);
      assertTrue(lines.contains("safe groups: " + safe), all);
    }
    // Depthwise ones within [-64, 64], and sums of linear layers, are served everywhere.
    assertEquals(fbgemm, count(lines, "fbgemm random served") >= 3 * cases, all);
    assertEquals(fbgemm, count(lines, "fbgemm exposed served") == 2 * cases, all);
    // Each as raw sums and three times requantized: linear and pointwise ones in all forms, other
    // convolutions, for which FBGEMM may choose an algorithm that is not proved, as raw sums.
    assertEquals(fbgemm, count(lines, "fbgemm pairs served") >= 11 * cases, all);
    // Whatever the weights, an input that is clamped to half its range needs no split.
    assertTrue(count(lines, "onednn bounded served") >= 2 * cases, all);
    assertTrue(lines.stream().noneMatch(l -> l.matches("onednn bounded .*split.*")), all);
    assertEquals(fbgemm, count(lines, "fbgemm bounded served") >= cases, all);
    // Grouped ones have no fast kernel at some caps, those of a single channel other pairs.
    long whole =
        lines.stream()
            .filter(line -> line.matches("onednn pairs Conv [a-z].*: \\d+"))
            .filter(line -> !line.contains("(split weights"))
            .mapToInt(line -> Integer.parseInt(line.substring(line.lastIndexOf(' ') + 1)))
            .sum();
    assertEquals(!cap.hasVnni(), whole >= 4 * cases, all);
  }

  private static int count(List<String> lines, String what) {
    return lines.stream()
        .filter(line -> line.startsWith(what + ": "))
        .mapToInt(line -> Integer.parseInt(line.substring(what.length() + 2)))
        .findFirst()
        .orElse(0);
  }
}
