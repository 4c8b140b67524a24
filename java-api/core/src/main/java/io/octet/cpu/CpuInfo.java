package io.octet.cpu;

import java.util.List;

/// The processor, and what this process may use of it.
///
/// @param arch "x86_64", "aarch64", or the JVM's own name of another architecture
/// @param vendor the maker, such as "GenuineIntel"; empty where nobody tells
/// @param model the marketing name; empty where nobody tells
/// @param features the instruction sets that the operating system enabled, by the names of
///   /proc/cpuinfo (such as "avx512_vnni"), those above `octet.maxIsa` left out; empty where nobody
///   tells
/// @param logicalCores the processors that this JVM may use, at least 1: a container's limit counts
/// @param caches the data caches
/// @param hypervisor what the processor says of who plays it, such as "KVMKVMKVM"; "unnamed" where
///   it only says that somebody does; empty on bare metal, and where nobody tells
/// @param source who told: "cpuid" or "hwcap" (Octet's own detector), "/proc/cpuinfo", or "java"
public record CpuInfo(
    String arch,
    String vendor,
    String model,
    List<String> features,
    int logicalCores,
    Caches caches,
    String hypervisor,
    String source) {
  /// Sizes in bytes of the data caches of one core, 0 where there is none or nobody tells.
  public record Caches(long l1d, long l2, long l3) {
    static final Caches UNKNOWN = new Caches(0, 0, 0);
  }

  public CpuInfo {
    features = List.copyOf(features);
  }
}
