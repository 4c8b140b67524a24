package io.octet.io;

import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// The number formats that files store, and the tensor type each becomes: half and double become
/// float, 16-bit integers 32-bit ones; a truth is 1 whatever its byte says but 0.
enum Element {
  U8(1, DataType.U8),
  S8(1, DataType.S8),
  BOOL(1, DataType.BOOL),
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
    String what = describe(shape);
    from.require(bytes(shape, from.where()), what);
    MemorySegment data = allocate(shape, from.where());
    if (isStoredAlike() && order == ByteOrder.LITTLE_ENDIAN) {
      from.fill(data, what);
    } else {
      convert(from, data, shape.elements(), order, what);
    }
    return Tensor.wrap(type, shape, data);
  }

  private boolean isStoredAlike() {
    return type.bytes() == bytes && this != BOOL;
  }

  /// How errors name an array of that shape.
  String describe(Shape shape) {
    return "an array of shape " + shape + ", " + bytes + " bytes each,";
  }

  /// The bytes that an array of that shape takes in the file.
  ///
  /// @throws MalformedFileException if no file has as many
  long bytes(Shape shape, String where) throws MalformedFileException {
    return Math.multiplyExact(elements(shape, where), (long) bytes);
  }

  /// Number of elements of `shape`, refused where the bytes would not fit a long.
  private static long elements(Shape shape, String where) throws MalformedFileException {
    try {
      long count = shape.elements();
      Math.multiplyExact(count, (long) Long.BYTES);
      return count;
    } catch (ArithmeticException e) {
      throw new MalformedFileException(where, "shape " + shape + " is larger than any memory", e);
    }
  }

  /// Memory for an array of that shape, as the type that it becomes.
  MemorySegment allocate(Shape shape, String where) throws MalformedFileException {
    long count = elements(shape, where);
    if (count > Integer.MAX_VALUE - 8) {
      throw new MalformedFileException(
          where, count + " elements at once; one Java array holds " + (Integer.MAX_VALUE - 8));
    }
    int n = (int) count;
    return switch (type) {
      case F32 -> MemorySegment.ofArray(new float[n]);
      case U8, S8, BOOL -> MemorySegment.ofArray(new byte[n]);
      case S32 -> MemorySegment.ofArray(new int[n]);
      case S64 -> MemorySegment.ofArray(new long[n]);
      case F16, BF16, F64 -> throw new AssertionError("no file's elements become " + type);
    };
  }

  private void convert(Section from, MemorySegment to, long count, ByteOrder order, String what)
      throws IOException {
    MemorySegment piece = MemorySegment.ofArray(new byte[PIECE * bytes]);
    for (long done = 0; done < count; done += PIECE) {
      int n = (int) Math.min(PIECE, count - done);
      from.fill(piece.asSlice(0, (long) n * bytes), what);
      for (int i = 0; i < n; i++) {
        convert(piece, (long) i * bytes, order, to, done + i, from.where());
      }
    }
  }

  /// Writes the element at byte `offset` of `from` to element `index` of `to`.
  ///
  /// @throws MalformedFileException if it is a double that no float comes near to
  void convert(
      MemorySegment from, long offset, ByteOrder order, MemorySegment to, long index, String where)
      throws MalformedFileException {
    switch (this) {
      case U8, S8 -> to.set(ValueLayout.JAVA_BYTE, index, from.get(ValueLayout.JAVA_BYTE, offset));
      case BOOL ->
          to.set(
              ValueLayout.JAVA_BYTE,
              index,
              (byte) (from.get(ValueLayout.JAVA_BYTE, offset) == 0 ? 0 : 1));
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
              narrow(Double.longBitsToDouble(bits64(from, offset, order)), where));
    }
  }

  private static float narrow(double value, String where) throws MalformedFileException {
    float narrow = (float) value;
    if (Float.isInfinite(narrow) && !Double.isInfinite(value)) {
      throw new MalformedFileException(
          where, value + " is beyond the floats, of which the largest is " + Float.MAX_VALUE);
    }
    return narrow;
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
