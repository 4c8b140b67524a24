package io.octet.cpu;

import io.octet.cpu.Verdict.Path;
import io.octet.internal.ffi.Availability.Available;
import io.octet.internal.ffi.Availability.Unavailable;
import io.octet.internal.ffi.DnnlIsa;
import io.octet.internal.ffi.DnnlVersion;
import io.octet.internal.ffi.Fbgemm;
import io.octet.internal.ffi.Natives;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Asks this machine what it can do. The answers do not change while the process runs.
public final class Cpu {
  private Cpu() {}

  /// The processor: asked by Octet's own library, or, where that is absent, read from /proc/cpuinfo
  /// on Linux and from what Java knows elsewhere. `octet.maxIsa` caps its features.
  ///
  /// @throws IllegalCallerException where the JVM denies native access; its message has the flag
  /// @throws IllegalArgumentException where `octet.maxIsa` is no name of an instruction set
  public static CpuInfo detect() {
    CpuInfo whole = uncapped();
    return new CpuInfo(
        whole.arch(),
        whole.vendor(),
        whole.model(),
        IsaFeatures.within(DnnlIsa.cap(), whole.features()),
        whole.logicalCores(),
        whole.caches(),
        whole.hypervisor(),
        whole.source());
  }

  private static CpuInfo uncapped() {
    String arch = CpuDescription.arch(System.getProperty("os.arch"));
    int cores = Runtime.getRuntime().availableProcessors();
    return switch (Natives.octet()) {
      case Available available -> Detector.read(arch, cores);
      case Unavailable absent -> CpuDescription.read(arch, cores);
    };
  }

  /// Why a feature is not in {@link #detect()}, in a sentence; empty where it is there.
  ///
  /// @param feature a name of /proc/cpuinfo, such as "avx512_vnni"
  public static Optional<String> whyNot(String feature) {
    CpuInfo whole = uncapped();
    if (detect().features().contains(feature)) {
      return Optional.empty();
    }
    return Optional.of(
        whole.features().contains(feature)
            ? feature + " is there, but octet.maxIsa=" + DnnlIsa.cap().get().text() + " is below it"
            : "this processor, as "
                + whole.source()
                + " tells, has no "
                + feature
                + " that the operating system enabled");
  }

  /// Where an engine and the detector see different instruction sets, a sentence for each; empty
  /// where they agree, and where there is nothing to compare.
  ///
  /// @throws IllegalCallerException where the JVM denies native access; its message has the flag
  public static List<String> disagreements() {
    List<String> features = detect().features();
    List<String> found = new ArrayList<>();
    boolean comparable = detect().arch().equals("x86_64") && !features.isEmpty();
    if (comparable && Natives.onednn() instanceof Available) {
      DnnlIsa used = DnnlIsa.effective();
      found.addAll(IsaFeatures.disagreements("onednn", used, DnnlIsa.AVX512_CORE_AMX, features));
    }
    if (comparable && Natives.fbgemm() instanceof Available) {
      DnnlIsa used = Fbgemm.instructionSet();
      found.addAll(IsaFeatures.disagreements("fbgemm", used, DnnlIsa.AVX512_CORE_VNNI, features));
    }
    return found;
  }

  /// Every backend that Octet knows, whether or not it can run here. Which is asked first for a
  /// kernel depends on the verdict; the reference only where it is preferred by name.
  ///
  /// @throws IllegalCallerException where the JVM denies native access; its message has the flag
  public static List<BackendInfo> backends() {
    String java = Runtime.version().toString();
    return List.of(
        onednn(),
        fbgemm(),
        new BackendInfo("octet", false, "", "", "this build has no native kernels of Octet's own"),
        new BackendInfo("jvm", true, java, "java", ""),
        new BackendInfo("reference", true, java, "java", ""));
  }

  /// One of {@link #backends()}, without asking the others; empty where the name is none of theirs.
  ///
  /// @throws IllegalCallerException where the JVM denies native access; its message has the flag
  public static Optional<BackendInfo> backend(String name) {
    return switch (name) {
      case "onednn" -> Optional.of(onednn());
      case "fbgemm" -> Optional.of(fbgemm());
      default -> Optional.empty();
    };
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
            + ", which has no VNNI: layers whose sums could saturate at 16 bits run with split"
            + " weights, exact at twice the work");
  }

  private static BackendInfo onednn() {
    return switch (Natives.onednn()) {
      case Unavailable(String reason) -> new BackendInfo("onednn", false, "", "", reason);
      case Available available ->
          new BackendInfo("onednn", true, DnnlVersion.text(), DnnlIsa.effective().text(), "");
    };
  }

  private static BackendInfo fbgemm() {
    return switch (Natives.fbgemm()) {
      case Unavailable(String reason) -> new BackendInfo("fbgemm", false, "", "", reason);
      case Available available ->
          new BackendInfo("fbgemm", true, Fbgemm.version(), Fbgemm.instructionSet().text(), "");
    };
  }
}
