package io.octet.cli;

import io.octet.cpu.BackendInfo;
import io.octet.cpu.Cpu;
import io.octet.cpu.CpuInfo;
import io.octet.cpu.Verdict;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;

/// `octet cpu`.
@Command(
    name = "cpu",
    description = "Tell what this processor can do, which engines answer, and how int8 runs here.",
    footer = {
      "  octet cpu",
      "  octet cpu --json",
      "  octet -Doctet.maxIsa=avx2 cpu       as if the processor had no more than AVX2"
    })
final class CpuVerb extends Verb {
  /// Features that decide how fast int8 runs; the others are in the JSON.
  private static final List<String> TELLING =
      List.of("sse4_1", "avx2", "f16c", "fma", "avx512", "vnni", "amx", "bf16", "asimd", "i8mm");

  @Override
  Answer answer() {
    CpuInfo cpu = Cpu.detect();
    List<BackendInfo> backends = Cpu.backends();
    Verdict verdict = Cpu.verdict();
    return Answer.of(json(cpu, backends, verdict), text(cpu, backends, verdict));
  }

  private static Map<String, Object> json(
      CpuInfo cpu, List<BackendInfo> backends, Verdict verdict) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("arch", cpu.arch());
    json.put("vendor", cpu.vendor());
    json.put("model", cpu.model());
    json.put("cores", cpu.logicalCores());
    json.put("features", cpu.features());
    json.put("backends", backends.stream().map(CpuVerb::json).toList());
    json.put("verdict", json(verdict));
    return json;
  }

  private static Map<String, Object> json(BackendInfo backend) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", backend.name());
    json.put("available", backend.available());
    json.put("version", backend.version());
    json.put("isa", backend.isa());
    json.put("reason", backend.reason());
    return json;
  }

  static Map<String, Object> json(Verdict verdict) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("path", verdict.path().text());
    json.put("reason", verdict.reason());
    return json;
  }

  private static String text(CpuInfo cpu, List<BackendInfo> backends, Verdict verdict) {
    Table engines = new Table().row("engine", "available", "version", "instruction set", "why not");
    for (BackendInfo b : backends) {
      engines.row(b.name(), b.available() ? "yes" : "no", b.version(), b.isa(), b.reason());
    }
    String features =
        cpu.features().stream()
            .filter(f -> TELLING.stream().anyMatch(f::contains))
            .collect(Collectors.joining(" "));
    return """
        processor  %s
                   %s, %s, %d logical cores for this process
        features   %s
        verdict    %s: %s

        %s"""
        .formatted(
            cpu.model().isEmpty() ? "(the system does not tell)" : cpu.model(),
            cpu.vendor().isEmpty() ? "unknown vendor" : cpu.vendor(),
            cpu.arch(),
            cpu.logicalCores(),
            features.isEmpty() ? "(the system does not tell)" : features,
            verdict.path().text(),
            verdict.reason(),
            engines);
  }
}
