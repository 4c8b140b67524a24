package io.octet.internal.kernel;

import io.octet.internal.kernel.Encoding.Quantized;
import io.octet.tensor.DataType;
import io.octet.tensor.Dim;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import java.util.List;

/// A value that a kernel reads or writes: dense, without gaps between its elements.
///
/// @param type element type
/// @param layout order in memory; {@link Layout#CHANNELS_LAST} needs three axes or more
/// @param shape concrete, logical order
/// @param encoding what the elements stand for
public record TensorDesc(DataType type, Layout layout, Shape shape, Encoding encoding) {
  /// Checks that layout, type and encoding go together.
  public TensorDesc {
    if (layout == Layout.CHANNELS_LAST && shape.rank() < 3) {
      throw new IllegalArgumentException(
          "channels last needs three axes or more, but the shape is " + shape);
    }
    boolean fits =
        switch (encoding) {
          case Encoding.Plain _ -> true;
          case Quantized(QuantParams params, int _) -> type.isInt8() && params.type() == type;
          case Encoding.Dynamic _ -> type.isInt8() || type == DataType.S32;
        };
    if (!fits) {
      throw new IllegalArgumentException(type + " value encoded as " + encoding);
    }
  }

  /// A value that its type alone bounds.
  ///
  /// @param quant what its integers stand for; null where its elements stand for themselves
  public TensorDesc(DataType type, Layout layout, Shape shape, QuantParams quant) {
    this(
        type,
        layout,
        shape,
        quant == null ? Encoding.PLAIN : new Quantized(quant, Encoding.UNBOUNDED));
  }

  /// A float value.
  public static TensorDesc f32(Layout layout, Shape shape) {
    return new TensorDesc(DataType.F32, layout, shape, Encoding.PLAIN);
  }

  /// A quantized value.
  public static TensorDesc quantized(Layout layout, Shape shape, QuantParams quant) {
    return new TensorDesc(quant.type(), layout, shape, quant);
  }

  /// A value whose elements stand for themselves, row-major.
  public static TensorDesc plain(DataType type, Shape shape) {
    return new TensorDesc(type, Layout.ROW_MAJOR, shape, Encoding.PLAIN);
  }

  /// Integers whose parameters arrive at run time, row-major.
  public static TensorDesc dynamic(DataType type, Shape shape) {
    return new TensorDesc(type, Layout.ROW_MAJOR, shape, Encoding.DYNAMIC);
  }

  /// Raw int32 sums.
  public static TensorDesc accumulators(Layout layout, Shape shape) {
    return new TensorDesc(DataType.S32, layout, shape, Encoding.PLAIN);
  }

  /// Size in memory.
  public long bytes() {
    return shape.elements() * type.bytes();
  }

  /// How many elements of memory one step along each axis skips.
  public long[] strides() {
    long[] strides = new long[shape.rank()];
    int[] axes = layout.axes(strides.length);
    long step = 1;
    for (int i = axes.length - 1; i >= 0; i--) {
      strides[axes[i]] = step;
      step *= shape.size(axes[i]);
    }
    return strides;
  }

  /// Whether the elements are quantized to 8 bits, by parameters that are known; bytes alone are
  /// not: those are of a {@link DataType#isInt8} type.
  public boolean isInt8() {
    return encoding instanceof Quantized;
  }

  /// What the integers stand for; null where that is themselves, or not known.
  public QuantParams quant() {
    return encoding instanceof Quantized(QuantParams params, int _) ? params : null;
  }

  /// What no 8-bit element exceeds, counted from the smallest of its type.
  public int largest() {
    return encoding instanceof Quantized(QuantParams _, int largest) ? largest : Encoding.UNBOUNDED;
  }

  /// This quantized value, of which it is known that no element exceeds that.
  public TensorDesc bounded(int largest) {
    return new TensorDesc(type, layout, shape, new Quantized(quant(), largest));
  }

  /// This value in another layout.
  public TensorDesc in(Layout other) {
    return new TensorDesc(type, other, shape, encoding);
  }

  /// This value's elements as they stand, whatever they stand for.
  public TensorDesc asPlain() {
    return new TensorDesc(type, layout, shape, Encoding.PLAIN);
  }

  /// A line of pixels [N,C,W] as an image of one row; images of more axes as they are. The memory
  /// is the same in either layout.
  public TensorDesc asImage() {
    return shape.rank() == 3
        ? sized(new Shape(List.of(shape.dim(0), shape.dim(1), Dim.of(1), shape.dim(2))))
        : this;
  }

  /// Another value of this one's type, layout and encoding.
  public TensorDesc sized(Shape other) {
    return new TensorDesc(type, layout, other, encoding);
  }

  /// "u8[1,64,56,56] nhwc".
  @Override
  public String toString() {
    return type.toString() + shape + (layout == Layout.CHANNELS_LAST ? " " + axes() : "");
  }

  /// The axes in memory, by the letters that they have in other people's documents.
  private String axes() {
    return switch (shape.rank()) {
      case 3 -> "nwc";
      case 4 -> "nhwc";
      case 5 -> "ndhwc";
      default -> "channels last";
    };
  }
}
