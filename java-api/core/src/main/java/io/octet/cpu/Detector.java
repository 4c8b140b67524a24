package io.octet.cpu;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.octet.OctetException;
import io.octet.cpu.CpuInfo.Caches;
import io.octet.internal.ffi.CStrings;
import io.octet.internal.ffi.OctetBindings;
import io.octet.internal.ffi.OctetConstants;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// Octet's own detector: cpuid and xgetbv on x86-64, the kernel's list on Arm. Only where its
/// library is available.
final class Detector {
  private Detector() {}

  static CpuInfo read(String arch, int cores) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ADDRESS);
      check("octet_cpu_detect", OctetBindings.cpuDetect(out));
      MemorySegment cpu = out.get(ADDRESS, 0);
      try {
        return read(arch, cores, cpu);
      } finally {
        OctetBindings.cpuDestroy(cpu);
      }
    }
  }

  private static CpuInfo read(String arch, int cores, MemorySegment cpu) {
    String features = text(cpu, OctetConstants.TEXT_FEATURES);
    boolean virtual = number(cpu, OctetConstants.NUMBER_VIRTUALIZED) != 0;
    String hypervisor = text(cpu, OctetConstants.TEXT_HYPERVISOR);
    return new CpuInfo(
        arch,
        text(cpu, OctetConstants.TEXT_VENDOR),
        text(cpu, OctetConstants.TEXT_MODEL),
        features.isEmpty() ? List.of() : List.of(features.split(" ")),
        cores,
        new Caches(
            number(cpu, OctetConstants.NUMBER_L1D_BYTES),
            number(cpu, OctetConstants.NUMBER_L2_BYTES),
            number(cpu, OctetConstants.NUMBER_L3_BYTES)),
        virtual && hypervisor.isEmpty() ? "unnamed" : hypervisor,
        arch.equals("x86_64") ? "cpuid" : "hwcap");
  }

  private static String text(MemorySegment cpu, int which) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ADDRESS);
      check("octet_cpu_text", OctetBindings.cpuText(cpu, which, out));
      return CStrings.read(out.get(ADDRESS, 0));
    }
  }

  private static long number(MemorySegment cpu, int which) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      check("octet_cpu_number", OctetBindings.cpuNumber(cpu, which, out));
      return out.get(JAVA_LONG, 0);
    }
  }

  private static void check(String symbol, int status) {
    if (status != OctetConstants.OK) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment out = arena.allocate(ADDRESS);
        OctetBindings.lastError(out);
        throw new OctetException.NativeFailure(symbol, status, CStrings.read(out.get(ADDRESS, 0)));
      }
    }
  }
}
