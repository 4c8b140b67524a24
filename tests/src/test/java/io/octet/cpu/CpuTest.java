package io.octet.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.octet.internal.ffi.Availability.Available;
import io.octet.internal.ffi.DnnlIsa;
import io.octet.internal.ffi.Natives;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CpuTest {
  @Test
  void x86IsDescribedByItsFirstProcessor() {
    String cpuinfo =
        """
        processor\t: 0
        vendor_id\t: GenuineIntel
        model name\t: Some Xeon
        flags\t\t: fpu avx2 avx512_vnni

        processor\t: 1
        vendor_id\t: GenuineIntel
        model name\t: Some Xeon
        flags\t\t: fpu avx2 avx512_vnni
        """;
    assertEquals(
        new CpuInfo(
            "x86_64",
            "GenuineIntel",
            "Some Xeon",
            List.of("fpu", "avx2", "avx512_vnni"),
            2,
            CpuInfo.Caches.UNKNOWN,
            "",
            "/proc/cpuinfo"),
        CpuDescription.parse("x86_64", cpuinfo, 2));
  }

  @Test
  void armNamesItsMakerByNumber() {
    String cpuinfo =
        """
        processor\t: 0
        Features\t: fp asimd asimddp i8mm
        CPU implementer\t: 0x41
        CPU part\t: 0xd40
        """;
    CpuInfo cpu = CpuDescription.parse("aarch64", cpuinfo, 4);
    assertEquals("ARM", cpu.vendor());
    assertEquals("", cpu.model());
    assertTrue(cpu.features().contains("i8mm"));
  }

  @Test
  void architecturesHaveOneName() {
    assertEquals("x86_64", CpuDescription.arch("amd64"));
    assertEquals("aarch64", CpuDescription.arch("arm64"));
    assertEquals("riscv64", CpuDescription.arch("riscv64"));
  }

  @Test
  void theVerdictFollowsFromTheInstructionSet() {
    assertEquals(Verdict.Path.INT8_VNNI, Cpu.verdict("x86_64", DnnlIsa.AVX2_VNNI).path());
    assertEquals(Verdict.Path.INT8_VNNI, Cpu.verdict("x86_64", DnnlIsa.AVX512_CORE_AMX).path());
    Verdict reduced = Cpu.verdict("x86_64", DnnlIsa.AVX512_CORE);
    assertEquals(Verdict.Path.INT8_REDUCED, reduced.path());
    assertTrue(reduced.reason().contains("avx512_core"), reduced.reason());
    assertEquals(Verdict.Path.FP32, Cpu.verdict("aarch64", DnnlIsa.DEFAULT).path());
    assertTrue(DnnlIsa.AVX512_CORE.addsIn16Bits());
    assertFalse(DnnlIsa.AVX2_VNNI.addsIn16Bits());
    assertFalse(DnnlIsa.DEFAULT.addsIn16Bits(), "oneDNN has reference kernels there, which widen");
  }

  @Test
  void thisMachineIsDescribedAndItsBackendsAnswer() {
    CpuInfo cpu = Cpu.detect();
    assertTrue(cpu.logicalCores() >= 1);
    for (BackendInfo backend : Cpu.backends()) {
      assertEquals(backend.available(), backend.reason().isEmpty(), backend::toString);
      assertEquals(backend.available(), !backend.version().isEmpty(), backend::toString);
    }
    boolean vnni = cpu.features().contains("avx512_vnni") || cpu.features().contains("avx_vnni");
    boolean free =
        System.getProperty(DnnlIsa.CAP_PROPERTY) == null
            && System.getProperty("octet.libraryPath") == null;
    if (vnni && free) {
      assertEquals(Verdict.Path.INT8_VNNI, Cpu.verdict().path());
    }
  }

  @Test
  void theDetectorAndTheKernelSeeTheSameFeatures() {
    assumeTrue(Natives.octet() instanceof Available, () -> "SKIPPED: " + Natives.octet());
    String arch = CpuDescription.arch(System.getProperty("os.arch"));
    CpuInfo kernel = CpuDescription.read(arch, 1);
    assumeTrue(kernel.source().equals("/proc/cpuinfo"), "SKIPPED: no /proc/cpuinfo here");
    CpuInfo detected = Detector.read(arch, 1);
    assumeTrue(
        arch.equals("x86_64") != kernel.features().contains("asimd"),
        () -> "SKIPPED: an emulator shows another machine's /proc/cpuinfo: " + kernel);
    assertEquals(kernel.vendor(), detected.vendor());
    // A kernel may be older than a feature, or name it otherwise: those that decide are compared.
    for (String feature :
        List.of(
            "sse4_2 avx avx2 fma f16c avx512f avx512bw avx512dq avx512vl avx512_vnni avx_vnni"
                .concat(" avx512_bf16 avx512_fp16 amx_tile amx_int8 amx_bf16 asimddp i8mm sve")
                .split(" "))) {
      assertEquals(
          kernel.features().contains(feature), detected.features().contains(feature), feature);
    }
    if (arch.equals("x86_64")) {
      assertTrue(detected.caches().l1d() > 0, detected::toString);
      assertEquals(kernel.hypervisor().isEmpty(), detected.hypervisor().isEmpty());
    }
  }

  @Test
  void aCapTakesAwayWhatIsAboveIt() {
    List<String> all =
        List.of("sse4_2", "avx", "avx2", "fma", "avx_vnni", "avx512f", "avx512_vnni", "amx_int8");
    assertEquals(all, IsaFeatures.within(Optional.empty(), all));
    assertEquals(List.of("sse4_2"), IsaFeatures.within(Optional.of(DnnlIsa.SSE41), all));
    assertEquals(
        List.of("sse4_2", "avx", "avx2", "fma", "avx_vnni"),
        IsaFeatures.within(Optional.of(DnnlIsa.AVX2_VNNI), all));
    assertEquals(
        List.of("sse4_2", "avx", "avx2", "fma", "avx512f"),
        IsaFeatures.within(Optional.of(DnnlIsa.AVX512_CORE), all));
    assertEquals(all, IsaFeatures.within(Optional.of(DnnlIsa.AVX512_CORE_AMX), all));
  }

  @Test
  void anEngineThatSeesAnotherProcessorIsReported() {
    List<String> features = List.of("avx2", "avx512bw", "avx512_vnni");
    DnnlIsa most = DnnlIsa.AVX512_CORE_AMX;
    assertEquals(
        List.of(), IsaFeatures.disagreements("onednn", DnnlIsa.AVX512_CORE_VNNI, most, features));
    assertEquals(
        List.of("avx512_vnni was detected, but onednn uses only avx512_core"),
        IsaFeatures.disagreements("onednn", DnnlIsa.AVX512_CORE, most, features));
    assertEquals(
        List.of("onednn uses avx512_core_amx, but amx_int8 was not detected"),
        IsaFeatures.disagreements("onednn", DnnlIsa.AVX512_CORE_AMX, most, features));
  }

  /// Ways, partitions, bytes of a line and sets are multiplied: Linux does the same from the same
  /// words.
  @Test
  void theDataCachesAreThoseThatLinuxSees() throws IOException {
    Path folder = Path.of("/sys/devices/system/cpu/cpu0/cache");
    String arch = CpuDescription.arch(System.getProperty("os.arch"));
    assumeTrue(
        arch.equals("x86_64") && Files.isDirectory(folder), "SKIPPED: no x86, or no " + folder);
    assumeTrue(Natives.octet() instanceof Available, () -> "SKIPPED: " + Natives.octet());
    Map<Integer, Long> bytes = new TreeMap<>();
    try (Stream<Path> indexes = Files.list(folder)) {
      for (Path index :
          indexes.filter(p -> p.getFileName().toString().matches("index\\d")).toList()) {
        if (!Files.readString(index.resolve("type")).strip().equals("Instruction")) {
          String size = Files.readString(index.resolve("size")).strip();
          assertTrue(size.endsWith("K"), size);
          bytes.put(
              Integer.parseInt(Files.readString(index.resolve("level")).strip()),
              1024 * Long.parseLong(size.substring(0, size.length() - 1)));
        }
      }
    }
    CpuInfo.Caches caches = Detector.read(arch, 1).caches();
    assertEquals(
        new CpuInfo.Caches(
            bytes.getOrDefault(1, 0L), bytes.getOrDefault(2, 0L), bytes.getOrDefault(3, 0L)),
        caches);
  }
}
