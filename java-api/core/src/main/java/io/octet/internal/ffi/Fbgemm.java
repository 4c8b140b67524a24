package io.octet.internal.ffi;

/// What FBGEMM says of itself, once [Natives#fbgemm] is available.
public final class Fbgemm {
  private Fbgemm() {}

  /// The text of the calling thread's last failed call.
  public static String lastError() {
    return FbgemmLibrary.lastError();
  }

  /// The instruction set that it uses, by the names of `octet.maxIsa`: "avx2", "avx512_core" or
  /// "avx512_core_vnni".
  public static DnnlIsa instructionSet() {
    return switch (FbgemmLibrary.instructionSet()) {
      case FbgemmConstants.SET_AVX2 -> DnnlIsa.AVX2;
      case FbgemmConstants.SET_AVX512 -> DnnlIsa.AVX512_CORE;
      case FbgemmConstants.SET_AVX512_VNNI -> DnnlIsa.AVX512_CORE_VNNI;
      default -> DnnlIsa.DEFAULT;
    };
  }

  /// Where its binary comes from: FBGEMM has no version of its own to ask for.
  public static String version() {
    return "pytorch 2.13.0";
  }
}
