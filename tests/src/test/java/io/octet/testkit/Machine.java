package io.octet.testkit;

import io.octet.cpu.Cpu;
import io.octet.cpu.Verdict;
import org.junit.jupiter.api.Assumptions;

/// What a test may ask of the machine under it. Where the verdict says no the test is skipped, and
/// says so on standard error.
public final class Machine {
  private Machine() {}

  /// Skips where no native backend has int8 kernels: on Arm, and without libraries.
  public static void requireInt8() {
    Verdict verdict = Cpu.verdict();
    require(verdict.path() != Verdict.Path.FP32, "int8", verdict);
  }

  /// Skips where int8 products are not summed in int32 by one instruction.
  public static void requireVnni() {
    Verdict verdict = Cpu.verdict();
    require(verdict.path() == Verdict.Path.INT8_VNNI, "VNNI", verdict);
  }

  private static void require(boolean met, String what, Verdict verdict) {
    String skipped = "SKIPPED: needs " + what + ", but the verdict is " + verdict;
    if (!met) {
      System.err.println(skipped);
    }
    Assumptions.assumeTrue(met, skipped);
  }
}
