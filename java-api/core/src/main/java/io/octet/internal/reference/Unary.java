package io.octet.internal.reference;

import io.octet.graph.op.Unary.Clip;
import io.octet.graph.op.Unary.HardSigmoid;
import io.octet.graph.op.Unary.HardSwish;
import io.octet.graph.op.Unary.LeakyRelu;
import io.octet.graph.op.Unary.Relu;
import io.octet.graph.op.Unary.Sigmoid;
import io.octet.graph.op.Unary.Tanh;
import io.octet.tensor.Tensor;
import java.util.function.DoubleUnaryOperator;

/// Functions of one value. NaN stays NaN in each.
public final class Unary {
  private Unary() {}

  static void evaluate(io.octet.graph.op.Unary op, Tensor in, Tensor out) {
    Cells x = new Cells(in);
    Cells y = new Cells(out);
    DoubleUnaryOperator function = real(op);
    for (long i = 0; i < y.count(); i++) {
      y.put(i, function.applyAsDouble(x.real(i)));
    }
  }

  /// What the operator makes of a real.
  public static DoubleUnaryOperator real(io.octet.graph.op.Unary op) {
    return switch (op) {
      case Relu() -> x -> Math.max(x, 0);
      case Clip(float min, float max) -> x -> Math.min(Math.max(x, min), max);
      case LeakyRelu(float alpha) -> x -> x > 0 ? x : alpha * x;
      case Sigmoid() -> x -> 1 / (1 + Math.exp(-x));
      case HardSigmoid(float alpha, float beta) -> x -> Math.max(0, Math.min(1, alpha * x + beta));
      case HardSwish() -> x -> x * Math.max(0, Math.min(1, x / 6 + 0.5));
      case Tanh() -> Math::tanh;
    };
  }
}
