package io.octet.cpu;

/// One engine that can run kernels, and whether it can here.
///
/// @param name "onednn", "fbgemm", "octet" (native kernels of its own), "jvm" (its Java kernels) or
///   "reference" (the oracle)
/// @param available whether its library is loaded
/// @param version the library's version; empty where it is not available
/// @param isa the instruction set that it uses; empty where it is not available
/// @param reason why it is not available; empty where it is
public record BackendInfo(
    String name, boolean available, String version, String isa, String reason) {}
