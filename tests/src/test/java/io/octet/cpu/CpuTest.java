package io.octet.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.internal.ffi.DnnlIsa;
import java.util.List;
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
            "x86_64", "GenuineIntel", "Some Xeon", List.of("fpu", "avx2", "avx512_vnni"), 2),
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
    if (vnni && System.getProperty(DnnlIsa.CAP_PROPERTY) == null) {
      assertEquals(Verdict.Path.INT8_VNNI, Cpu.verdict().path());
    }
  }
}
