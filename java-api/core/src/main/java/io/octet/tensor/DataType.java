package io.octet.tensor;

/// The element types of a {@link Tensor}.
public enum DataType {
  /// 32-bit IEEE float.
  F32(4, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY),
  /// Unsigned 8-bit integer, 0 to 255.
  U8(1, 0, 255),
  /// Signed 8-bit integer, -128 to 127.
  S8(1, -128, 127),
  /// Signed 32-bit integer: accumulators and quantized biases.
  S32(4, Integer.MIN_VALUE, Integer.MAX_VALUE),
  /// Signed 64-bit integer: shapes and axes, as ONNX writes them.
  S64(8, Long.MIN_VALUE, Long.MAX_VALUE),
  /// A byte that is 0 or 1: what comparisons yield and choices read.
  BOOL(1, 0, 1),
  /// 16-bit IEEE float.
  F16(2, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY),
  /// The upper half of a 32-bit float.
  BF16(2, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY),
  /// 64-bit IEEE float: constants that exporters leave so, and what moves or compares them. A
  /// network's arithmetic is {@link #F32}.
  F64(8, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);

  private final int bytes;
  private final double min;
  private final double max;

  DataType(int bytes, double min, double max) {
    this.bytes = bytes;
    this.min = min;
    this.max = max;
  }

  /// Size of one element in bytes.
  public int bytes() {
    return bytes;
  }

  /// The smallest value an element can hold.
  public double min() {
    return min;
  }

  /// The largest value an element can hold.
  public double max() {
    return max;
  }

  /// Whether this is one of the two 8-bit types that quantized activations and weights use.
  public boolean isInt8() {
    return this == U8 || this == S8;
  }

  /// Whether elements are floats, of any width.
  public boolean isFloat() {
    return switch (this) {
      case F32, F16, BF16, F64 -> true;
      case U8, S8, S32, S64, BOOL -> false;
    };
  }

  /// "f32", "u8", ... as reports and error messages print it.
  @Override
  public String toString() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
