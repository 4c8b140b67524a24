package io.octet.internal.ffi;

import java.util.Locale;

/// An operating system and processor by the names that the jars of libraries use, and what the
/// libraries are called there.
///
/// @param system "linux", "macosx", "windows", or what Java calls another one
/// @param arch "x86_64", "arm64", or what Java calls another one
record Platform(String system, String arch) {
  /// This machine's.
  static final Platform HERE =
      of(System.getProperty("os.name", ""), System.getProperty("os.arch", ""));

  /// The platform that Java describes so.
  static Platform of(String osName, String osArch) {
    String name = osName.toLowerCase(Locale.ROOT);
    String system =
        name.startsWith("mac") ? "macosx" : name.startsWith("windows") ? "windows" : name;
    String arch =
        switch (osArch.toLowerCase(Locale.ROOT)) {
          case "amd64", "x86-64", "x64" -> "x86_64";
          case "aarch64" -> "arm64";
          default -> osArch.toLowerCase(Locale.ROOT);
        };
    return new Platform(system, arch);
  }

  /// "linux-x86_64": a folder in every jar of libraries.
  String text() {
    return system + "-" + arch;
  }

  boolean isX86() {
    return arch.equals("x86_64");
  }

  boolean isLinux() {
    return system.equals("linux");
  }

  boolean isWindows() {
    return system.equals("windows");
  }

  /// oneDNN's file.
  String onednn() {
    return switch (system) {
      case "macosx" -> "libdnnl.3.dylib";
      case "windows" -> "dnnl.dll";
      default -> "libdnnl.so.3";
    };
  }

  /// The file of the OpenMP runtime that oneDNN uses.
  String openmp() {
    return switch (system) {
      case "macosx" -> "libomp.dylib";
      case "windows" -> "vcomp140.dll";
      default -> "libgomp.so.1";
    };
  }

  /// Whether that runtime lies beside oneDNN; else it is the system's.
  boolean bringsOpenmp() {
    return !isWindows();
  }
}
