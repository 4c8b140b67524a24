package io.octet.internal.kernel.jvm;

import io.octet.internal.kernel.TensorDesc;
import io.octet.tensor.QuantMath.Affine;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Writes real numbers to an activation, in memory order: F32, or int8 of one scale.
final class RealOutput {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

  private final MemorySegment data;

  /// Null for F32.
  private final Affine affine;

  private final byte[] bytes;

  private RealOutput(MemorySegment data, Affine affine, int longest) {
    this.data = data;
    this.affine = affine;
    this.bytes = new byte[affine == null ? 0 : longest];
  }

  /// Real numbers, quantized where the activation is.
  ///
  /// @param longest run that will be written
  static RealOutput of(TensorDesc a, MemorySegment data, int longest) {
    return new RealOutput(data, a.isInt8() ? Affine.of(a.quant(), 0) : null, longest);
  }

  /// Floats, or integers less their zero point, rounded.
  static RealOutput centered(TensorDesc a, MemorySegment data, int longest) {
    int zero = a.isInt8() ? a.quant().zeroPoint() : 0;
    return new RealOutput(data, a.type().isInt8() ? new Affine(a.type(), 1, zero) : null, longest);
  }

  /// The first `count` of `values` to elements `to` and the following.
  void write(float[] values, long to, int count) {
    if (affine == null) {
      MemorySegment.copy(values, 0, data, FLOAT, to * Float.BYTES, count);
      return;
    }
    affine.quantize(values, bytes, 0, count);
    MemorySegment.copy(bytes, 0, data, BYTE, to, count);
  }
}
