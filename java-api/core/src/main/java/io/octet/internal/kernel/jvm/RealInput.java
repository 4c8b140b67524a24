package io.octet.internal.kernel.jvm;

import io.octet.internal.kernel.TensorDesc;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantMath.Affine;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Reads an activation as real numbers, in memory order: F32, or int8 of one scale.
final class RealInput {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

  private static final byte FLIP = (byte) 0x80;

  private final MemorySegment data;

  /// What each byte stands for; null for F32.
  private final float[] reals;

  private final Affine affine;

  private final byte[] bytes = new byte[1024];

  private RealInput(MemorySegment data, Affine affine) {
    this.data = data;
    this.affine = affine;
    this.reals = affine == null ? null : affine.reals();
  }

  /// The real numbers that the elements stand for.
  static RealInput of(TensorDesc a, MemorySegment data) {
    return new RealInput(data, a.isInt8() ? Affine.of(a.quant(), 0) : null);
  }

  /// Floats, or integers less their zero point.
  static RealInput centered(TensorDesc a, MemorySegment data) {
    int zero = a.isInt8() ? a.quant().zeroPoint() : 0;
    return new RealInput(data, a.type().isInt8() ? new Affine(a.type(), 1, zero) : null);
  }

  /// Element `element`, counted in memory order.
  float read(long element) {
    return reals == null ? data.getAtIndex(FLOAT, element) : reals[data.get(BYTE, element) & 0xff];
  }

  /// Elements `from` and the following into the first `count` places of `into`.
  void read(long from, float[] into, int count) {
    if (reals == null) {
      MemorySegment.copy(data, FLOAT, from * Float.BYTES, into, 0, count);
      return;
    }
    for (int done = 0; done < count; done += bytes.length) {
      int part = Math.min(bytes.length, count - done);
      MemorySegment.copy(data, BYTE, from + done, bytes, 0, part);
      float zero = affine.zeroPoint();
      if (affine.type() == DataType.U8) { // C2 has no vectors of unsigned bytes.
        flip(bytes, part);
        zero += FLIP;
      }
      dequantize(bytes, into, done, part, zero, affine.scale());
    }
  }

  private static void flip(byte[] x, int count) {
    for (int i = 0; i < count; i++) {
      x[i] = (byte) (x[i] ^ FLIP);
    }
  }

  private static void dequantize(byte[] x, float[] y, int at, int count, float zero, float factor) {
    for (int i = 0; i < count; i++) {
      y[at + i] = ((float) x[i] - zero) * factor;
    }
  }
}
