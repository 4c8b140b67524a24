package io.octet.cpu;

import java.util.List;

/// The processor, as the operating system describes it.
///
/// @param arch "x86_64", "aarch64", or the JVM's own name of another architecture
/// @param vendor the maker, such as "GenuineIntel"; empty where the system does not tell
/// @param model the marketing name; empty where the system does not tell
/// @param features instruction sets by the names of /proc/cpuinfo (such as "avx512_vnni"); empty
///   where the system does not tell
/// @param logicalCores the processors that this JVM may use, at least 1: a container's limit counts
public record CpuInfo(
    String arch, String vendor, String model, List<String> features, int logicalCores) {
  public CpuInfo {
    features = List.copyOf(features);
  }
}
