package io.octet.onnx.op;

import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.Optional;

/// Integers of 16 bits, which some quantize activations to. Octet has no type for them: they are
/// read as s32, and known by this.
public enum SixteenBits {
  /// From 0 to 65,535.
  UINT16(0, 65_535),
  /// From -32,768 to 32,767.
  INT16(-32_768, 32_767);

  private final int min;
  private final int max;

  SixteenBits(int min, int max) {
    this.min = min;
    this.max = max;
  }

  /// Which of them ONNX's element type `code` is, if any.
  public static Optional<SixteenBits> of(int code) {
    return switch (TensorProto.DataType.forNumber(code)) {
      case UINT16 -> Optional.of(UINT16);
      case INT16 -> Optional.of(INT16);
      case null, default -> Optional.empty();
    };
  }

  int min() {
    return min;
  }

  int max() {
    return max;
  }

  /// The integer that 16 bits are.
  public int widen(short bits) {
    return this == UINT16 ? bits & 0xffff : bits;
  }
}
