package io.octet.kernel;

import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.PostOps;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.kernel.Weights;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;

/// What is fixed when a layer is packed, whatever it computes.
///
/// @param name "linear" or "conv2d", in errors
/// @param output null for float
/// @param residual null where nothing is added
record QuantizedLayer(
    String name,
    Weights weights,
    QuantParams input,
    QuantParams output,
    QuantParams residual,
    boolean relu) {
  DataType outputType() {
    return output == null ? DataType.F32 : output.type();
  }

  TensorDesc x(Layout layout, Shape shape) {
    return TensorDesc.quantized(layout, shape, input);
  }

  TensorDesc y(Layout layout, Shape shape) {
    return output == null
        ? TensorDesc.f32(layout, shape)
        : TensorDesc.quantized(layout, shape, output);
  }

  /// What follows the sums of an output of this shape.
  PostOps post(Layout layout, Shape shape) {
    PostOps clamp = relu ? PostOps.RELU : PostOps.NONE;
    return residual == null
        ? clamp
        : clamp.withResidual(TensorDesc.quantized(layout, shape, residual));
  }
}
