package io.octet.internal.kernel.trust;

import io.octet.cpu.BackendInfo;
import io.octet.cpu.Cpu;
import io.octet.cpu.CpuInfo;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// On what a finding rests besides the kernel: the processor, and the engine's library with the
/// instruction set that it uses, caps counted. Neither changes while the process runs.
final class Here {
  private static final Map<String, String> ENGINES = new ConcurrentHashMap<>();

  private Here() {}

  static String text(String backend) {
    return ENGINES.computeIfAbsent(backend, Here::engine);
  }

  private static String engine(String backend) {
    return Cpu.backend(backend).map(Here::engine).orElse(backend) + " on " + Processor.TEXT;
  }

  /// Asked once: where a hypervisor answers, that takes milliseconds.
  private static final class Processor {
    static final String TEXT = processor();
  }

  private static String engine(BackendInfo engine) {
    return engine.name() + " " + engine.version() + " " + engine.isa();
  }

  private static String processor() {
    CpuInfo cpu = Cpu.detect();
    return cpu.arch()
        + " "
        + cpu.vendor()
        + " "
        + cpu.model()
        + " "
        + Integer.toHexString(cpu.features().hashCode());
  }
}
