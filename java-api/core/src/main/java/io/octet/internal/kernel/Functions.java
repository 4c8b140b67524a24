package io.octet.internal.kernel;

import io.octet.graph.Op;
import java.util.function.DoubleUnaryOperator;

/// The functions of one value, in double, as their operators' Javadoc writes them: what {@link
/// KernelSpec.Unary} means.
public final class Functions {
  private Functions() {}

  /// The function that `op` applies to each element, or null where it is not such an operator.
  public static DoubleUnaryOperator of(Op op) {
    return switch (op) {
      case Op.Relu() -> x -> Math.max(x, 0);
      case Op.Clip(float min, float max) -> x -> Math.min(Math.max(x, min), max);
      case Op.LeakyRelu(float alpha) -> x -> x > 0 ? x : alpha * x;
      case Op.Sigmoid() -> x -> 1 / (1 + Math.exp(-x));
      case Op.HardSigmoid(float alpha, float beta) ->
          x -> Math.max(0, Math.min(1, alpha * x + beta));
      case Op.HardSwish() -> x -> x * Math.max(0, Math.min(1, x / 6 + 0.5));
      case Op.Tanh() -> Math::tanh;
      case Op.Conv _,
          Op.Gemm _,
          Op.MatMul _,
          Op.BatchNormalization _,
          Op.Add _,
          Op.Mul _,
          Op.MaxPool _,
          Op.AveragePool _,
          Op.GlobalAveragePool _,
          Op.Flatten _,
          Op.Reshape _,
          Op.Transpose _,
          Op.Concat _,
          Op.Softmax _,
          Op.Identity _,
          Op.Dropout _,
          Op.QuantizeLinear _,
          Op.DequantizeLinear _ ->
          null;
    };
  }
}
