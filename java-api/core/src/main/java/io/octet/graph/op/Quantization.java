package io.octet.graph.op;

import io.octet.tensor.DataType;

/// Where reals become integers and integers reals: `real = scale * (q - zeroPoint)`.
public sealed interface Quantization extends Op {
  /// saturate(round(x / scale) + zeroPoint). Inputs: x, scale, optional zero point of the output's
  /// type.
  ///
  /// @param axis the channel axis where the scale is a vector
  /// @param type the output's type: u8 or s8
  record QuantizeLinear(int axis, DataType type) implements Quantization {}

  /// (q - zeroPoint) * scale. Inputs: q, scale, optional zero point.
  ///
  /// @param axis the channel axis where the scale is a vector
  record DequantizeLinear(int axis) implements Quantization {}
}
