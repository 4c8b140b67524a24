package io.octet.internal.lower;

import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.TensorDesc;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;

/// One form in which a value lies in a buffer. The output of a DequantizeLinear is, until somebody
/// needs floats, the int8 buffer that the node reads.
///
/// @param buffer index of the buffer
/// @param desc type, layout and shape
/// @param image where not null, the value is [N, C*H*W] in the order of an NHWC image of this
///   shape: a flattening that moved no byte
public record Repr(int buffer, TensorDesc desc, Shape image) {
  public Repr(int buffer, TensorDesc desc) {
    this(buffer, desc, null);
  }

  /// Whether this is float in one of the two layouts, not a permuted flattening.
  boolean isFloat() {
    return desc.type() == DataType.F32;
  }

  /// Whether the bytes are also a value of `layout`: always where only one of H*W and C exceeds 1.
  boolean liesIn(Layout layout) {
    return image == null && (desc.layout() == layout || sameInBothLayouts(desc.shape()));
  }

  public static boolean sameInBothLayouts(Shape shape) {
    return shape.rank() == 4 && Layout.agreeOn(shape);
  }
}
