package io.octet.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Objects;

/// A dense array of one element type, outermost axis first, as a view on a {@link MemorySegment}. A
/// tensor owns nothing: whoever passed the arena owns the memory. Images are NCHW, as in ONNX and
/// PyTorch. Elements are little-endian and need no alignment.
public final class Tensor {
  /// Tensors are read and written without alignment: a heap segment may start anywhere.
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
  private static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED;

  static {
    if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
      throw new UnsupportedOperationException("Octet needs a little-endian CPU");
    }
  }

  private final DataType type;
  private final Shape shape;
  private final MemorySegment data;

  private Tensor(DataType type, Shape shape, MemorySegment data) {
    this.type = type;
    this.shape = shape;
    this.data = data;
  }

  /// A view of `data`, which must hold exactly the shape's elements.
  ///
  /// @throws IllegalArgumentException if the shape has a free axis or the segment another size
  public static Tensor wrap(DataType type, Shape shape, MemorySegment data) {
    Objects.requireNonNull(data, "data");
    if (!shape.isConcrete()) {
      throw new IllegalArgumentException("a tensor needs a concrete shape, but got " + shape);
    }
    long expected = Math.multiplyExact(shape.elements(), (long) type.bytes());
    if (data.byteSize() != expected) {
      throw new IllegalArgumentException(
          "a "
              + type
              + " tensor of shape "
              + shape
              + " takes "
              + expected
              + " bytes, but the segment has "
              + data.byteSize());
    }
    return new Tensor(type, shape, data);
  }

  /// A tensor of zeros in memory of `arena`, aligned to 64 bytes.
  public static Tensor allocate(Arena arena, DataType type, Shape shape) {
    if (!shape.isConcrete()) {
      throw new IllegalArgumentException("a tensor needs a concrete shape, but got " + shape);
    }
    long bytes = Math.multiplyExact(shape.elements(), (long) type.bytes());
    return new Tensor(type, shape, arena.allocate(bytes, 64));
  }

  /// A tensor over the given Java array (not copied).
  public static Tensor of(float[] values, long... sizes) {
    return wrap(DataType.F32, Shape.of(sizes), MemorySegment.ofArray(values));
  }

  /// A tensor of {@link DataType#U8}, {@link DataType#S8} or {@link DataType#BOOL} over the given
  /// Java array (not copied).
  public static Tensor of(DataType type, byte[] values, long... sizes) {
    if (type.bytes() != 1) {
      throw new IllegalArgumentException("bytes hold u8, s8 or bool, but the type is " + type);
    }
    return wrap(type, Shape.of(sizes), MemorySegment.ofArray(values));
  }

  /// A tensor of {@link DataType#S32} over the given Java array (not copied).
  public static Tensor of(int[] values, long... sizes) {
    return wrap(DataType.S32, Shape.of(sizes), MemorySegment.ofArray(values));
  }

  /// A tensor of {@link DataType#S64} over the given Java array (not copied).
  public static Tensor of(long[] values, long... sizes) {
    return wrap(DataType.S64, Shape.of(sizes), MemorySegment.ofArray(values));
  }

  /// A tensor of {@link DataType#F64} over the given Java array (not copied).
  public static Tensor of(double[] values, long... sizes) {
    return wrap(DataType.F64, Shape.of(sizes), MemorySegment.ofArray(values));
  }

  /// A scalar of {@link DataType#F32}.
  public static Tensor scalar(float value) {
    return of(new float[] {value});
  }

  /// The element type.
  public DataType type() {
    return type;
  }

  /// The shape; always concrete.
  public Shape shape() {
    return shape;
  }

  /// The memory behind this tensor.
  public MemorySegment data() {
    return data;
  }

  /// Number of elements.
  public long elements() {
    return shape.elements();
  }

  /// The same memory under another shape of as many elements; this tensor where that is its shape.
  public Tensor reshape(Shape other) {
    return other.equals(shape) ? this : wrap(type, other, data);
  }

  /// Element `index` of an F32 tensor, in memory order.
  public float getFloat(long index) {
    require(DataType.F32);
    return data.getAtIndex(FLOAT, index);
  }

  /// Sets element `index` of an F32 tensor, in memory order.
  public void setFloat(long index, float value) {
    require(DataType.F32);
    data.setAtIndex(FLOAT, index, value);
  }

  /// Element `index` of a tensor of integers or of truths, in memory order; U8 gives 0 to 255, BOOL
  /// 0 or 1.
  public long getInteger(long index) {
    return switch (type) {
      case U8, S8 -> QuantMath.widen(data.get(ValueLayout.JAVA_BYTE, index), type);
      case BOOL -> data.get(ValueLayout.JAVA_BYTE, index) == 0 ? 0 : 1;
      case S32 -> data.getAtIndex(INT, index);
      case S64 -> data.getAtIndex(LONG, index);
      case F32, F16, BF16, F64 ->
          throw new IllegalStateException("expected an integer tensor, but this is " + type);
    };
  }

  /// Element `index` of a tensor of any type, in memory order. An S64 beyond 2^53 is rounded.
  public double getReal(long index) {
    return switch (type) {
      case F32 -> data.getAtIndex(FLOAT, index);
      case F64 -> data.getAtIndex(DOUBLE, index);
      case F16 -> Float.float16ToFloat(data.getAtIndex(SHORT, index));
      case BF16 -> Float.intBitsToFloat(data.getAtIndex(SHORT, index) << 16);
      case U8, S8, S32, S64, BOOL -> getInteger(index);
    };
  }

  /// Sets element `index` of a tensor of integers or of truths, in memory order: the type keeps the
  /// lowest bits, BOOL whether it is 0.
  public void setInteger(long index, long value) {
    switch (type) {
      case U8, S8 -> data.set(ValueLayout.JAVA_BYTE, index, (byte) value);
      case BOOL -> data.set(ValueLayout.JAVA_BYTE, index, (byte) (value == 0 ? 0 : 1));
      case S32 -> data.setAtIndex(INT, index, (int) value);
      case S64 -> data.setAtIndex(LONG, index, value);
      case F32, F16, BF16, F64 ->
          throw new IllegalStateException("expected an integer tensor, but this is " + type);
    }
  }

  /// Sets element `index` of a tensor of floats of any width, in memory order, rounded to it.
  public void setReal(long index, double value) {
    switch (type) {
      case F32 -> data.setAtIndex(FLOAT, index, (float) value);
      case F64 -> data.setAtIndex(DOUBLE, index, value);
      case F16 -> data.setAtIndex(SHORT, index, Float.floatToFloat16((float) value));
      case BF16 -> data.setAtIndex(SHORT, index, bfloat16((float) value));
      case U8, S8, S32, S64, BOOL ->
          throw new IllegalStateException("expected a tensor of floats, but this is " + type);
    }
  }

  /// The upper half of a float, rounded half to even.
  private static short bfloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    return (short) ((Float.isFinite(value) ? bits + 0x7fff + (bits >>> 16 & 1) : bits) >>> 16);
  }

  /// A copy of the elements of an F32 tensor.
  public float[] toFloats() {
    require(DataType.F32);
    return data.toArray(FLOAT);
  }

  /// A copy of the bytes of a U8, S8 or BOOL tensor.
  public byte[] toBytes() {
    if (type.bytes() != 1) {
      throw new IllegalStateException("expected a u8, s8 or bool tensor, but this is " + type);
    }
    return data.toArray(ValueLayout.JAVA_BYTE);
  }

  /// A copy of the elements of an S32 tensor.
  public int[] toInts() {
    require(DataType.S32);
    return data.toArray(INT);
  }

  /// Elements of an integer tensor from index `from` on, in memory order, as many as `to` holds: at
  /// once, which is many times as fast as one by one where Java has not compiled the loop yet.
  public void getIntegers(long from, long[] to) {
    switch (type) {
      case U8, S8, BOOL -> {
        byte[] read = new byte[to.length];
        MemorySegment.copy(data, ValueLayout.JAVA_BYTE, from, read, 0, read.length);
        for (int i = 0; i < read.length; i++) {
          to[i] = QuantMath.widen(read[i], type);
        }
      }
      case S32 -> {
        int[] read = new int[to.length];
        MemorySegment.copy(data, INT, from * Integer.BYTES, read, 0, read.length);
        for (int i = 0; i < read.length; i++) {
          to[i] = read[i];
        }
      }
      case S64 -> MemorySegment.copy(data, LONG, from * Long.BYTES, to, 0, to.length);
      case F32, F16, BF16, F64 ->
          throw new IllegalStateException("expected an integer tensor, but this is " + type);
    }
  }

  /// A copy of the elements of an S64 tensor.
  public long[] toLongs() {
    require(DataType.S64);
    return data.toArray(LONG);
  }

  private void require(DataType expected) {
    if (type != expected) {
      throw new IllegalStateException("expected a " + expected + " tensor, but this is " + type);
    }
  }

  /// "f32[1,3,224,224]".
  @Override
  public String toString() {
    return type.toString() + shape;
  }
}
