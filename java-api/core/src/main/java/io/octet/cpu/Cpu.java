package io.octet.cpu;

import io.octet.cpu.Verdict.Path;
import io.octet.internal.ffi.Availability.Available;
import io.octet.internal.ffi.Availability.Unavailable;
import io.octet.internal.ffi.DnnlIsa;
import io.octet.internal.ffi.DnnlVersion;
import io.octet.internal.ffi.Natives;
import java.util.List;

/// Asks this machine what it can do. The answers do not change while the process runs.
public final class Cpu {
  private Cpu() {}

  /// The processor, from /proc/cpuinfo on Linux and from what Java knows elsewhere.
  public static CpuInfo detect() {
    return CpuDescription.read();
  }

  /// Every engine that Octet knows, in the order in which they are asked for a kernel.
  ///
  /// @throws IllegalCallerException where the JVM denies native access; its message has the flag
  public static List<BackendInfo> backends() {
    return List.of(
        onednn(), new BackendInfo("jvm", true, Runtime.version().toString(), "java", ""));
  }

  /// How quantized layers run here.
  ///
  /// @throws IllegalCallerException where the JVM denies native access; its message has the flag
  public static Verdict verdict() {
    String arch = detect().arch();
    return switch (Natives.onednn()) {
      case Unavailable(String reason) ->
          new Verdict(Path.FP32, "no native library: FP32 runs in Java. " + reason);
      case Available available -> verdict(arch, DnnlIsa.effective());
    };
  }

  /// The verdict where oneDNN is there and uses that instruction set.
  static Verdict verdict(String arch, DnnlIsa isa) {
    if (!arch.equals("x86_64")) {
      return new Verdict(
          Path.FP32, "this build of oneDNN has only reference kernels in int8 on " + arch);
    }
    if (isa.hasVnni()) {
      return new Verdict(
          Path.INT8_VNNI,
          "oneDNN uses " + isa.text() + ": VNNI sums int8 products in int32 without saturation");
    }
    String cap = System.getProperty(DnnlIsa.CAP_PROPERTY, "");
    return new Verdict(
        Path.INT8_REDUCED,
        "oneDNN uses "
            + isa.text()
            + (cap.isBlank() ? "" : " (" + DnnlIsa.CAP_PROPERTY + "=" + cap + ")")
            + ", which has no VNNI: sums of two int8 products can saturate at 16 bits");
  }

  private static BackendInfo onednn() {
    return switch (Natives.onednn()) {
      case Unavailable(String reason) -> new BackendInfo("onednn", false, "", "", reason);
      case Available available ->
          new BackendInfo("onednn", true, DnnlVersion.text(), DnnlIsa.effective().text(), "");
    };
  }
}
