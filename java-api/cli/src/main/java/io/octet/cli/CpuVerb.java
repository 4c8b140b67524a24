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
import picocli.CommandLine.Option;

/// `octet cpu`.
@Command(
    name = "cpu",
    description = "Tell what this processor can do, which engines answer, and how int8 runs here.",
    footer = {
      "  octet cpu",
      "  octet cpu --json",
      "  octet -Doctet.maxIsa=avx2 cpu       as if the processor had no more than AVX2",
      "  octet cpu --require avx512_vnni     status 1, with the reason, where it is not usable"
    })
final class CpuVerb extends Verb {
  /// Features that decide how fast int8 runs; the others are in the JSON.
  private static final List<String> TELLING =
      List.of("sse4", "avx", "f16c", "fma", "vnni", "amx", "bf16", "asimd", "i8mm", "sve");

  @Option(
      names = "--require",
      paramLabel = "FEATURE",
      split = ",",
      description = "A feature that must be usable here, by its name in /proc/cpuinfo.")
  private List<String> required = List.of();

  @Override
  VerbResult answer() {
    CpuInfo cpu = Cpu.detect();
    List<BackendInfo> backends = Cpu.backends();
    Verdict verdict = Cpu.verdict();
    List<String> disagreements = Cpu.disagreements();
    List<String> missing = required.stream().flatMap(f -> Cpu.whyNot(f).stream()).toList();
    missing.forEach(reason -> note("octet cpu: " + reason));
    Map<String, Object> json = json(cpu, backends, verdict);
    json.put("disagreements", disagreements);
    json.put("missing", missing);
    String text = text(cpu, backends, verdict) + lines("disagreement: ", disagreements);
    return new VerbResult(json, text, missing.isEmpty() ? Exit.DONE : Exit.REFUSED);
  }

  private static Map<String, Object> json(
      CpuInfo cpu, List<BackendInfo> backends, Verdict verdict) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("arch", cpu.arch());
    json.put("vendor", cpu.vendor());
    json.put("model", cpu.model());
    json.put("cores", cpu.logicalCores());
    json.put("features", cpu.features());
    json.put("l1d", cpu.caches().l1d());
    json.put("l2", cpu.caches().l2());
    json.put("l3", cpu.caches().l3());
    json.put("hypervisor", cpu.hypervisor());
    json.put("source", cpu.source());
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
               %s, %s, %d logical cores for this process%s
    caches     %s
    features   %s
    verdict    %s: %s

    %s\
    """
        .formatted(
            cpu.model().isEmpty() ? "(the system does not tell)" : cpu.model(),
            cpu.vendor().isEmpty() ? "unknown vendor" : cpu.vendor(),
            cpu.arch(),
            cpu.logicalCores(),
            cpu.hypervisor().isEmpty() ? "" : ", under a hypervisor (" + cpu.hypervisor() + ")",
            caches(cpu.caches()),
            features.isEmpty() ? "(the system does not tell)" : features,
            verdict.path().text(),
            verdict.reason(),
            engines);
  }

  private static String caches(CpuInfo.Caches caches) {
    return caches.l1d() == 0
        ? "(the system does not tell)"
        : "L1d %d KiB, L2 %d KiB, L3 %d KiB"
            .formatted(caches.l1d() >> 10, caches.l2() >> 10, caches.l3() >> 10);
  }

  private static String lines(String head, List<String> sentences) {
    return sentences.stream().map(s -> head + s + "\n").collect(Collectors.joining());
  }
}
