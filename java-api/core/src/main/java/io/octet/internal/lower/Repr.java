package io.octet.internal.lower;

import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.plan.Buffer;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// One form in which a value lies in a buffer. The output of a DequantizeLinear is, until somebody
/// needs floats, the int8 buffer that the node reads.
///
/// @param buffer where; meant by identity
/// @param desc type, layout and shape
/// @param image where not null, the value is [N, C*H*W] in the order of an image of this shape
///   whose channels are last: a flattening that moved no byte
record Repr(Buffer buffer, TensorDesc desc, Shape image) {
  Repr(Buffer buffer, TensorDesc desc) {
    this(buffer, desc, null);
  }

  /// Whether the bytes are also a value of `layout`: always where only one of H*W and C exceeds 1.
  boolean liesIn(Layout layout) {
    return image == null && (desc.layout() == layout || Layout.agreeOn(desc.shape()));
  }

  /// The image that a permuted flattening is.
  TensorDesc unflattened() {
    List<Dim> dims = new ArrayList<>(List.of(desc.shape().dim(0)));
    dims.addAll(image.dims());
    return desc.sized(new Shape(dims)).in(Layout.CHANNELS_LAST);
  }
}
