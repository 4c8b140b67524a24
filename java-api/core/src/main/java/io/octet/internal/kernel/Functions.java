package io.octet.internal.kernel;

import io.octet.graph.op.Binary;
import io.octet.graph.op.Convolution;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Normalization;
import io.octet.graph.op.Op;
import io.octet.graph.op.Pooling;
import io.octet.graph.op.Product;
import io.octet.graph.op.Quantization;
import io.octet.graph.op.Unary;
import java.util.function.DoubleUnaryOperator;

/// The functions of one value, in double, as their operators' Javadoc writes them: what {@link
/// KernelSpec.Unary} means.
public final class Functions {
  private Functions() {}

  /// The function that `op` applies to each element, or null where it is not such an operator.
  public static DoubleUnaryOperator of(Op op) {
    return switch (op) {
      case Unary.Relu() -> x -> Math.max(x, 0);
      case Unary.Clip(float min, float max) -> x -> Math.min(Math.max(x, min), max);
      case Unary.LeakyRelu(float alpha) -> x -> x > 0 ? x : alpha * x;
      case Unary.Sigmoid() -> x -> 1 / (1 + Math.exp(-x));
      case Unary.HardSigmoid(float alpha, float beta) ->
          x -> Math.max(0, Math.min(1, alpha * x + beta));
      case Unary.HardSwish() -> x -> x * Math.max(0, Math.min(1, x / 6 + 0.5));
      case Unary.Tanh() -> Math::tanh;
      case Convolution.Conv _,
          Product.Gemm _,
          Product.MatMul _,
          Normalization.BatchNormalization _,
          Binary.Add _,
          Binary.Mul _,
          Pooling.MaxPool _,
          Pooling.AveragePool _,
          Pooling.GlobalAveragePool _,
          Movement.Flatten _,
          Movement.Reshape _,
          Movement.Transpose _,
          Movement.Concat _,
          Normalization.Softmax _,
          Movement.Identity _,
          Movement.Dropout _,
          Quantization.QuantizeLinear _,
          Quantization.DequantizeLinear _ ->
          null;
    };
  }
}
