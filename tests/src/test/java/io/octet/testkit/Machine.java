package io.octet.testkit;

import io.octet.cpu.Cpu;
import io.octet.cpu.Verdict;
import io.octet.internal.ffi.Availability.Available;
import io.octet.internal.ffi.Natives;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Assumptions;

/// What a test may ask of the machine under it. Where the verdict says no the test is skipped, and
/// its class says so once on standard error.
public final class Machine {
  private static final Set<String> SAID = ConcurrentHashMap.newKeySet();
  private static final StackWalker STACK =
      StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);

  private Machine() {}

  /// Whether a native backend has int8 kernels: not on Arm, and not without libraries.
  public static boolean hasInt8() {
    return Cpu.verdict().path() != Verdict.Path.FP32;
  }

  /// Skips where no native backend has int8 kernels.
  public static void requireInt8() {
    require(hasInt8(), "int8", STACK.getCallerClass());
  }

  /// Skips where int8 products are not summed in int32 by one instruction.
  public static void requireVnni() {
    boolean vnni = Cpu.verdict().path() == Verdict.Path.INT8_VNNI;
    require(vnni, "VNNI", STACK.getCallerClass());
  }

  /// Skips where oneDNN's library is absent.
  public static void requireOnednn() {
    require(Natives.onednn() instanceof Available, "oneDNN", STACK.getCallerClass());
  }

  /// Skips where `octet.maxIsa`, whose instruction sets are those of x86, caps nothing.
  public static void requireX86() {
    boolean x86 = Cpu.detect().arch().equals("x86_64");
    require(x86, "an x86-64 processor", STACK.getCallerClass());
  }

  private static void require(boolean met, String what, Class<?> test) {
    if (!met) {
      String skipped = "SKIPPED: needs " + what + ", but the verdict is " + Cpu.verdict();
      if (SAID.add(test + what)) {
        System.err.println(test.getSimpleName() + ": " + skipped);
      }
      Assumptions.abort(skipped);
    }
  }
}
