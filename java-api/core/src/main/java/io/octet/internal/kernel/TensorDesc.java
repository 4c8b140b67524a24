package io.octet.internal.kernel;

import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;

/// A value that a kernel reads or writes: dense, without gaps between its elements.
///
/// @param type element type
/// @param layout order in memory; {@link Layout#NHWC} needs four axes
/// @param shape concrete, logical order
/// @param quant what integers stand for; null for F32, and for raw S32 accumulators
/// @param largest what no 8-bit element exceeds, counted from the smallest of its type: {@link
///   #UNBOUNDED}, or less where something clamps the value
public record TensorDesc(
    DataType type, Layout layout, Shape shape, QuantParams quant, int largest) {
  /// What 8 bits can hold.
  public static final int UNBOUNDED = 255;

  /// Checks that layout, type and parameters go together.
  public TensorDesc {
    if (layout == Layout.CHANNELS_LAST && shape.rank() != 4) {
      throw new IllegalArgumentException("NHWC needs four axes, but the shape is " + shape);
    }
    if (type.isInt8() != (quant != null) || quant != null && quant.type() != type) {
      throw new IllegalArgumentException(type + " activation with parameters " + quant);
    }
    if (largest < 0 || largest > UNBOUNDED) {
      throw new IllegalArgumentException("largest must be within [0, 255], but is " + largest);
    }
  }

  /// A value that its type alone bounds.
  public TensorDesc(DataType type, Layout layout, Shape shape, QuantParams quant) {
    this(type, layout, shape, quant, UNBOUNDED);
  }

  /// A float value.
  public static TensorDesc f32(Layout layout, Shape shape) {
    return new TensorDesc(DataType.F32, layout, shape, null);
  }

  /// A quantized value.
  public static TensorDesc quantized(Layout layout, Shape shape, QuantParams quant) {
    return new TensorDesc(quant.type(), layout, shape, quant);
  }

  /// A value whose elements stand for themselves, row-major: 8-bit integers have scale 1.
  public static TensorDesc plain(DataType type, Shape shape) {
    QuantParams meant = type.isInt8() ? QuantParams.perTensor(type, 1, 0) : null;
    return new TensorDesc(type, Layout.ROW_MAJOR, shape, meant);
  }

  /// Raw int32 sums.
  public static TensorDesc accumulators(Layout layout, Shape shape) {
    return new TensorDesc(DataType.S32, layout, shape, null);
  }

  /// Size in memory.
  public long bytes() {
    return shape.elements() * type.bytes();
  }

  /// Whether the elements are quantized to 8 bits.
  public boolean isInt8() {
    return type.isInt8();
  }

  /// This value, of which it is known that no element exceeds that.
  public TensorDesc bounded(int largest) {
    return new TensorDesc(type, layout, shape, quant, largest);
  }

  /// This value in another layout.
  public TensorDesc in(Layout other) {
    return new TensorDesc(type, other, shape, quant, largest);
  }

  /// "u8[1,64,56,56] nhwc".
  @Override
  public String toString() {
    return type.toString() + shape + (layout == Layout.CHANNELS_LAST ? " nhwc" : "");
  }
}
