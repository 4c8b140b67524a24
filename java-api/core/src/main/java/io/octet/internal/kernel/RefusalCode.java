package io.octet.internal.kernel;

import java.util.Locale;

/// Why a backend refused a kernel, or a node of a quantized graph runs in FP32.
public enum RefusalCode {
  /// The processor has no instructions that make int8 worthwhile.
  NO_INT8_ISA,
  /// The backend has no kernel for this operator.
  UNSUPPORTED_OP,
  /// The backend has a kernel, but not for this type, attribute, shape or layout.
  UNSUPPORTED_ATTRIBUTE,
  /// An input or output of the node has no scale.
  MISSING_RANGE,
  /// The kernel adds in 16 bits and these weights could saturate.
  WOULD_SATURATE,
  /// The native library has only its unoptimized reference code.
  REF_KERNEL,
  /// The kernel was tried here on known values, and its answers were wrong.
  FAILED_SELF_CHECK,
  /// FP32 was measured to be faster.
  SLOWER_THAN_FP32,
  /// The backend's library is not there.
  BACKEND_UNAVAILABLE,
  /// The graph leaves this node in FP32.
  NOT_QUANTIZED;

  /// "would_saturate", as JSON has it.
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }
}
