package io.octet.io;

import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// The number formats that files store, and the tensor type each becomes: half and double become
/// float, 16-bit integers 32-bit ones.
enum Element {
  U8(1, DataType.U8),
  S8(1, DataType.S8),
  S16(2, DataType.S32),
  S32(4, DataType.S32),
  S64(8, DataType.S64),
  F16(2, DataType.F32),
  F32(4, DataType.F32),
  F64(8, DataType.F32);

  /// Values are converted in pieces of as many.
  private static final int PIECE = 1 << 14;

  private final int bytes;
  private final DataType type;

  Element(int bytes, DataType type) {
    this.bytes = bytes;
    this.type = type;
  }

  /// Size in the file.
  int bytes() {
    return bytes;
  }

  /// What it becomes in memory.
  DataType type() {
    return type;
  }

  /// Reads a dense array of that shape, last axis fastest, from a section that holds these elements
  /// in that byte order.
  Tensor read(Section from, Shape shape, ByteOrder order) throws IOException {
    long count = elements(shape, from.where());
    String what = "an array of shape " + shape + ", " + bytes + " bytes each,";
    from.require(Math.multiplyExact(count, (long) bytes), what);
    MemorySegment data = allocate(count, from.where());
    if (type.bytes() == bytes && order == ByteOrder.LITTLE_ENDIAN) {
      from.fill(data, what);
    } else {
      convert(from, data, count, order, what);
    }
    return Tensor.wrap(type, shape, data);
  }

  /// Number of elements of `shape`, refused where the bytes would not fit a long.
  private long elements(Shape shape, String where) throws MalformedFileException {
    try {
      long count = shape.elements();
      Math.multiplyExact(count, 8L);
      return count;
    } catch (ArithmeticException e) {
      throw new MalformedFileException(where, "shape " + shape + " is larger than any memory", e);
    }
  }

  private MemorySegment allocate(long count, String where) throws MalformedFileException {
    if (count > Integer.MAX_VALUE - 8) {
      throw new MalformedFileException(
          where, count + " elements at once; one Java array holds " + (Integer.MAX_VALUE - 8));
    }
    int n = (int) count;
    return switch (type) {
      case F32 -> MemorySegment.ofArray(new float[n]);
      case U8, S8 -> MemorySegment.ofArray(new byte[n]);
      case S32 -> MemorySegment.ofArray(new int[n]);
      case S64 -> MemorySegment.ofArray(new long[n]);
    };
  }

  private void convert(Section from, MemorySegment to, long count, ByteOrder order, String what)
      throws IOException {
    MemorySegment piece = MemorySegment.ofArray(new byte[PIECE * bytes]);
    for (long done = 0; done < count; done += PIECE) {
      int n = (int) Math.min(PIECE, count - done);
      from.fill(piece.asSlice(0, (long) n * bytes), what);
      for (int i = 0; i < n; i++) {
        convertOne(piece, (long) i * bytes, order, to, done + i);
      }
    }
  }

  private void convertOne(
      MemorySegment from, long offset, ByteOrder order, MemorySegment to, long index) {
    switch (this) {
      case U8, S8 -> to.set(ValueLayout.JAVA_BYTE, index, from.get(ValueLayout.JAVA_BYTE, offset));
      case S16 -> to.setAtIndex(ValueLayout.JAVA_INT, index, bits16(from, offset, order));
      case S32 -> to.setAtIndex(ValueLayout.JAVA_INT, index, bits32(from, offset, order));
      case S64 -> to.setAtIndex(ValueLayout.JAVA_LONG, index, bits64(from, offset, order));
      case F16 ->
          to.setAtIndex(
              ValueLayout.JAVA_FLOAT, index, Float.float16ToFloat(bits16(from, offset, order)));
      case F32 ->
          to.setAtIndex(
              ValueLayout.JAVA_FLOAT, index, Float.intBitsToFloat(bits32(from, offset, order)));
      case F64 ->
          to.setAtIndex(
              ValueLayout.JAVA_FLOAT,
              index,
              (float) Double.longBitsToDouble(bits64(from, offset, order)));
    }
  }

  private static short bits16(MemorySegment from, long offset, ByteOrder order) {
    return from.get(ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(order), offset);
  }

  private static int bits32(MemorySegment from, long offset, ByteOrder order) {
    return from.get(ValueLayout.JAVA_INT_UNALIGNED.withOrder(order), offset);
  }

  private static long bits64(MemorySegment from, long offset, ByteOrder order) {
    return from.get(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(order), offset);
  }
}
