package io.octet.internal.kernel.jvm;

import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.TensorDesc;
import io.octet.tensor.DataType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Whole numbers in another type: floats nearest to them, or the lowest bits of them.
final class WholeNumbers {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final int UNSIGNED = 0xff;

  private static final int PIECE = 1024;

  private final byte[] bytes = new byte[PIECE];
  private final float[] floats = new float[PIECE];
  private final MemorySegment x;
  private final MemorySegment y;
  private final int count;
  private final int mask;

  private WholeNumbers(KernelSpec.Literal spec, Buffers buffers) {
    this.x = buffers.inputs().getFirst();
    this.y = buffers.output();
    this.count = Math.toIntExact(spec.y().shape().elements());
    this.mask = spec.operands().getFirst().type() == DataType.S8 ? -1 : UNSIGNED;
  }

  /// Whether there is a loop from the one type to the other, and an int counts the elements and a
  /// piece behind them.
  static boolean serves(KernelSpec.Literal spec) {
    TensorDesc from = spec.operands().getFirst();
    return spec.y().shape().elements() <= Integer.MAX_VALUE - PIECE
        && switch (from.type()) {
          case U8, S8, BOOL, S32, S64 ->
              switch (spec.y().type()) {
                case F32, S32, S64 -> true;
                case F16, BF16, F64, U8, S8, BOOL -> false;
              };
          case F32, F16, BF16, F64 -> false;
        };
  }

  static Runnable bind(KernelSpec.Literal spec, Buffers buffers) {
    WholeNumbers it = new WholeNumbers(spec, buffers);
    int width = spec.operands().getFirst().type().bytes();
    return switch (spec.y().type()) {
      case F32 ->
          width == 1 ? it::bytesToFloats : width == 4 ? it::intsToFloats : it::longsToFloats;
      case S32 -> width == 1 ? it::bytesToInts : width == 4 ? it::copied : it::longsToInts;
      case S64 -> width == 1 ? it::bytesToLongs : width == 4 ? it::intsToLongs : it::copied;
      case F16, BF16, F64, U8, S8, BOOL ->
          throw new IllegalArgumentException(spec.y().type().toString());
    };
  }

  private void copied() {
    MemorySegment.copy(x, 0, y, 0, Math.min(x.byteSize(), y.byteSize()));
  }

  /// In arrays, along which compilers make vectors: truths become numbers by the million.
  private void bytesToFloats() {
    for (int at = 0; at < count; at += PIECE) {
      int part = Math.min(PIECE, count - at);
      MemorySegment.copy(x, Strided.BYTE, at, bytes, 0, part);
      for (int i = 0; i < part; i++) {
        floats[i] = bytes[i] & mask;
      }
      MemorySegment.copy(floats, 0, y, FLOAT, (long) at * Float.BYTES, part);
    }
  }

  private void intsToFloats() {
    for (int i = 0; i < count; i++) {
      y.setAtIndex(FLOAT, i, x.getAtIndex(Strided.INT, i));
    }
  }

  private void longsToFloats() {
    for (int i = 0; i < count; i++) {
      y.setAtIndex(FLOAT, i, x.getAtIndex(Strided.LONG, i));
    }
  }

  private void bytesToInts() {
    for (int i = 0; i < count; i++) {
      y.setAtIndex(Strided.INT, i, x.get(Strided.BYTE, i) & mask);
    }
  }

  private void longsToInts() {
    for (int i = 0; i < count; i++) {
      y.setAtIndex(Strided.INT, i, (int) x.getAtIndex(Strided.LONG, i));
    }
  }

  private void bytesToLongs() {
    for (int i = 0; i < count; i++) {
      y.setAtIndex(Strided.LONG, i, x.get(Strided.BYTE, i) & mask);
    }
  }

  private void intsToLongs() {
    for (int i = 0; i < count; i++) {
      y.setAtIndex(Strided.LONG, i, x.getAtIndex(Strided.INT, i));
    }
  }
}
