package io.octet.kernel;

import io.octet.internal.kernel.Activation;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.PostOps;
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

  Activation x(Layout layout, Shape shape) {
    return Activation.quantized(layout, shape, input);
  }

  Activation y(Layout layout, Shape shape) {
    return output == null
        ? Activation.f32(layout, shape)
        : Activation.quantized(layout, shape, output);
  }

  /// What follows the sums of an output of this shape.
  PostOps post(Layout layout, Shape shape) {
    PostOps clamp = relu ? PostOps.RELU : PostOps.NONE;
    return residual == null
        ? clamp
        : clamp.withResidual(Activation.quantized(layout, shape, residual));
  }
}
