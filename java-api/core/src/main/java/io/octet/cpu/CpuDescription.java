package io.octet.cpu;

import io.octet.cpu.CpuInfo.Caches;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/// Reads the operating system's description of the processor.
final class CpuDescription {
  /// Arm's processors name their maker by a number in /proc/cpuinfo.
  private static final Map<String, String> ARM_IMPLEMENTERS =
      Map.of(
          "0x41",
          "ARM",
          "0x42",
          "Broadcom",
          "0x46",
          "Fujitsu",
          "0x48",
          "HiSilicon",
          "0x4e",
          "NVIDIA",
          "0x51",
          "Qualcomm",
          "0x61",
          "Apple",
          "0x6d",
          "Microsoft",
          "0xc0",
          "Ampere");

  private CpuDescription() {}

  static CpuInfo read(String arch, int cores) {
    Path file = Path.of("/proc/cpuinfo");
    if (!Files.isReadable(file)) {
      return elsewhere(arch, cores);
    }
    try {
      return parse(arch, Files.readString(file, StandardCharsets.UTF_8), cores);
    } catch (IOException e) {
      return elsewhere(arch, cores); // a sandbox may list the file and refuse to read it
    }
  }

  /// The first processor of a /proc/cpuinfo, in its x86 or its Arm form.
  static CpuInfo parse(String arch, String cpuinfo, int cores) {
    Map<String, String> entries =
        cpuinfo
            .lines()
            .map(line -> line.split(":", 2))
            .filter(pair -> pair.length == 2)
            .collect(
                Collectors.toMap(
                    pair -> pair[0].strip(), pair -> pair[1].strip(), (first, later) -> first));
    String implementer = entries.getOrDefault("CPU implementer", "");
    String vendor =
        entries.getOrDefault("vendor_id", ARM_IMPLEMENTERS.getOrDefault(implementer, implementer));
    String features = entries.getOrDefault("flags", entries.getOrDefault("Features", ""));
    return new CpuInfo(
        arch,
        vendor,
        entries.getOrDefault("model name", ""),
        features.isEmpty() ? List.of() : List.of(features.split("\\s+")),
        cores,
        Caches.UNKNOWN,
        List.of(features.split("\\s+")).contains("hypervisor") ? "unnamed" : "",
        "/proc/cpuinfo");
  }

  static String arch(String osArch) {
    return switch (osArch.toLowerCase(Locale.ROOT)) {
      case "amd64", "x86_64", "x64" -> "x86_64";
      case "aarch64", "arm64" -> "aarch64";
      default -> osArch;
    };
  }

  /// Windows tells a processor's family in an environment variable; macOS tells Java nothing.
  private static CpuInfo elsewhere(String arch, int cores) {
    String identifier = System.getenv().getOrDefault("PROCESSOR_IDENTIFIER", "");
    int comma = identifier.lastIndexOf(", ");
    String vendor = comma < 0 ? "" : identifier.substring(comma + 2);
    String model = comma < 0 ? identifier : identifier.substring(0, comma);
    return new CpuInfo(arch, vendor, model, List.of(), cores, Caches.UNKNOWN, "", "java");
  }
}
