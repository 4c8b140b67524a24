package io.octet.onnx;

import io.octet.internal.pass.Scales;
import io.octet.onnx.op.Known;
import io.octet.onnx.op.NodeView;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;

/// Constant scale and zero point of a QuantizeLinear or DequantizeLinear, checked against the value
/// that they belong to.
///
/// @param zero null where the node has none
/// @param axis the channels' axis, from the front
record ScaleInputs(Known scale, Known zero, int axis) {

  static ScaleInputs of(NodeView node, Shape x, int axis, Known scale, Known zero) {
    boolean single = scale.stored().elements() == 1 && scale.shape().rank() < 2;
    if (scale.stored().type() != DataType.F32) {
      throw node.invalid("takes its scale as f32, but it is " + scale);
    }
    if (scale.shape().rank() > 1) {
      throw node.unsupported("blocked quantization (scale " + scale.shape() + ")");
    }
    if (!single && (axis < 0 || axis >= x.rank())) {
      throw node.invalid("axis " + axis + " is not one of input " + x);
    }
    if (!single && x.size(axis) != scale.stored().elements()) {
      throw node.invalid(scale.stored().elements() + " scales for axis " + axis + " of input " + x);
    }
    boolean fits =
        zero == null
            || !zero.isReal()
                && zero.shape().rank() < 2
                && zero.stored().elements() == scale.stored().elements();
    if (!fits) {
      throw node.invalid("scale is " + scale.shape() + ", zero point is " + zero);
    }
    return new ScaleInputs(scale, zero, axis);
  }

  boolean isSingle() {
    return scale.stored().elements() == 1;
  }

  Scales scales() {
    return Scales.of(scale.stored(), zero == null ? null : zero.stored(), axis);
  }
}
