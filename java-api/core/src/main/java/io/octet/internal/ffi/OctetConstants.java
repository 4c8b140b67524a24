package io.octet.internal.ffi;

/// The numbers of native/include/octet.h.
public final class OctetConstants {
  /// The value of `OCTET_ABI_VERSION` that these methods were written for.
  static final int ABI_VERSION = 1;

  /// The status of a call that did what it should.
  public static final int OK = 0;

  public static final int TEXT_VENDOR = 0;
  public static final int TEXT_MODEL = 1;
  public static final int TEXT_FEATURES = 2;
  public static final int TEXT_HYPERVISOR = 3;

  public static final int NUMBER_FAMILY = 0;
  public static final int NUMBER_MODEL = 1;
  public static final int NUMBER_STEPPING = 2;
  public static final int NUMBER_L1D_BYTES = 3;
  public static final int NUMBER_L2_BYTES = 4;
  public static final int NUMBER_L3_BYTES = 5;
  public static final int NUMBER_VIRTUALIZED = 6;

  private OctetConstants() {}
}
