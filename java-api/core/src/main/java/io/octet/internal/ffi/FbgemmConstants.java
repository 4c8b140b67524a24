package io.octet.internal.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;
import java.util.Arrays;
import java.util.stream.Stream;

/// The numbers and structures of native/include/octet_fbgemm.h.
public final class FbgemmConstants {
  /// The value of `OCTET_FBGEMM_ABI_VERSION` that these methods were written for.
  static final int ABI_VERSION = 1;

  /// The status of a call that did what it should.
  public static final int OK = 0;

  public static final int SET_NONE = 0;
  public static final int SET_AVX2 = 1;
  public static final int SET_AVX512 = 2;
  public static final int SET_AVX512_VNNI = 3;

  public static final int PATH_DEPTHWISE = 0;
  public static final int PATH_GROUPWISE = 1;
  public static final int PATH_POINTWISE = 2;
  public static final int PATH_1D = 3;
  public static final int PATH_IM2COL = 4;
  public static final int PATH_DIRECT = 5;

  /// `octet_fbgemm_conv_shape`.
  public static final StructLayout CONV_SHAPE =
      ints(
          "in_channels",
          "out_channels",
          "groups",
          "kernel_h",
          "kernel_w",
          "stride_h",
          "stride_w",
          "dilation_h",
          "dilation_w",
          "pad_top",
          "pad_left",
          "pad_bottom",
          "pad_right");

  /// `octet_fbgemm_call`.
  public static final StructLayout CALL =
      MemoryLayout.structLayout(
          Stream.concat(
                  Stream.of("x", "y", "scratch", "multiplier", "bias_scale", "bias")
                      .map(ADDRESS::withName),
                  ints(
                      "scales",
                      "x_zero_point",
                      "y_zero_point",
                      "x_signed",
                      "y_signed",
                      "relu",
                      "rows",
                      "height",
                      "width",
                      "threads")
                      .memberLayouts()
                      .stream())
              .toArray(MemoryLayout[]::new));

  /// Where a member of a structure begins.
  public static long offset(StructLayout layout, String member) {
    return layout.byteOffset(PathElement.groupElement(member));
  }

  private FbgemmConstants() {}

  private static StructLayout ints(String... names) {
    return MemoryLayout.structLayout(
        Arrays.stream(names).map(JAVA_INT::withName).toArray(MemoryLayout[]::new));
  }
}
