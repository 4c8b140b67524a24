package io.octet.internal.reference;

import io.octet.graph.op.Unary.Abs;
import io.octet.graph.op.Unary.Acos;
import io.octet.graph.op.Unary.Acosh;
import io.octet.graph.op.Unary.Asin;
import io.octet.graph.op.Unary.Asinh;
import io.octet.graph.op.Unary.Atan;
import io.octet.graph.op.Unary.Atanh;
import io.octet.graph.op.Unary.BitwiseNot;
import io.octet.graph.op.Unary.Cast;
import io.octet.graph.op.Unary.Ceil;
import io.octet.graph.op.Unary.Celu;
import io.octet.graph.op.Unary.Clip;
import io.octet.graph.op.Unary.Cos;
import io.octet.graph.op.Unary.Cosh;
import io.octet.graph.op.Unary.Elu;
import io.octet.graph.op.Unary.Erf;
import io.octet.graph.op.Unary.Exp;
import io.octet.graph.op.Unary.Floor;
import io.octet.graph.op.Unary.Gelu;
import io.octet.graph.op.Unary.HardSigmoid;
import io.octet.graph.op.Unary.HardSwish;
import io.octet.graph.op.Unary.IsInf;
import io.octet.graph.op.Unary.IsNaN;
import io.octet.graph.op.Unary.LeakyRelu;
import io.octet.graph.op.Unary.Log;
import io.octet.graph.op.Unary.Mish;
import io.octet.graph.op.Unary.Neg;
import io.octet.graph.op.Unary.Not;
import io.octet.graph.op.Unary.Reciprocal;
import io.octet.graph.op.Unary.Relu;
import io.octet.graph.op.Unary.Round;
import io.octet.graph.op.Unary.Selu;
import io.octet.graph.op.Unary.Sigmoid;
import io.octet.graph.op.Unary.Sign;
import io.octet.graph.op.Unary.Sin;
import io.octet.graph.op.Unary.Sinh;
import io.octet.graph.op.Unary.Softplus;
import io.octet.graph.op.Unary.Softsign;
import io.octet.graph.op.Unary.Sqrt;
import io.octet.graph.op.Unary.Tan;
import io.octet.graph.op.Unary.Tanh;
import io.octet.graph.op.Unary.ThresholdedRelu;
import io.octet.tensor.DataType;
import io.octet.tensor.Tensor;
import java.util.function.DoubleUnaryOperator;

/// Functions of one value. NaN stays NaN in each that makes reals of reals.
public final class Unary {
  private Unary() {}

  static void evaluate(io.octet.graph.op.Unary op, Tensor in, Tensor out) {
    Cells x = new Cells(in);
    Cells y = new Cells(out);
    if (x.isReal() && op instanceof Cast(DataType to) && to == DataType.BOOL) {
      for (long i = 0; i < y.count(); i++) {
        y.put(i, x.real(i) != 0 ? 1 : 0);
      }
    } else if (x.isReal()) {
      DoubleUnaryOperator function = real(op);
      for (long i = 0; i < y.count(); i++) {
        y.put(i, function.applyAsDouble(x.real(i)));
      }
    } else {
      for (long i = 0; i < y.count(); i++) {
        y.put(i, whole(op, x.whole(i)));
      }
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
      case Gelu(var approximate) ->
          switch (approximate) {
            case NONE -> x -> x * (1 + ErrorFunction.of(x / Math.sqrt(2))) / 2;
            case TANH ->
                x -> x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))) / 2;
          };
      case Neg() -> x -> -x;
      case Abs() -> Math::abs;
      case Sqrt() -> Math::sqrt;
      case Reciprocal() -> x -> 1 / x;
      case Exp() -> Math::exp;
      case Log() -> Math::log;
      case Erf() -> ErrorFunction::of;
      case Floor() -> Math::floor;
      case Ceil() -> Math::ceil;
      case Round() -> Math::rint;
      case Sign() -> Math::signum;
      case Sin() -> Math::sin;
      case Cos() -> Math::cos;
      case Tan() -> Math::tan;
      case Asin() -> Math::asin;
      case Acos() -> Math::acos;
      case Atan() -> Math::atan;
      case Sinh() -> Math::sinh;
      case Cosh() -> Math::cosh;
      case Asinh() -> Unary::asinh;
      case Acosh() -> Unary::acosh;
      case Atanh() -> Unary::atanh;
      case Elu(float alpha) -> x -> elu(x, alpha);
      case Selu(float alpha, float gamma) -> x -> gamma * elu(x, alpha);
      case Celu(float alpha) -> x -> x > 0 ? x : alpha * Math.expm1(x / alpha);
      case Softplus() -> Unary::softplus;
      case Softsign() -> x -> Double.isInfinite(x) ? Math.signum(x) : x / (1 + Math.abs(x));
      case ThresholdedRelu(float alpha) -> x -> x <= alpha ? 0 : x;
      case Mish() -> x -> x * Math.tanh(softplus(x));
      case IsNaN() -> x -> Double.isNaN(x) ? 1 : 0;
      case IsInf(boolean negative, boolean positive) ->
          x -> Double.isInfinite(x) && (x < 0 ? negative : positive) ? 1 : 0;
      case Not() -> x -> x == 0 ? 1 : 0;
      case BitwiseNot() -> x -> ~(long) x;
      case Cast _ -> DoubleUnaryOperator.identity();
    };
  }

  /// What the operator makes of a whole number: exactly, where a double would round.
  private static long whole(io.octet.graph.op.Unary op, long x) {
    return switch (op) {
      case Relu() -> Math.max(x, 0);
      case Neg() -> -x;
      case Abs() -> Math.abs(x);
      case Not() -> x == 0 ? 1 : 0;
      case Sign() -> Long.signum(x);
      case BitwiseNot() -> ~x;
      case IsNaN(), IsInf _ -> 0;
      case Floor(), Ceil(), Round(), Cast _ -> x;
      case Sin(), Cos(), Tan(), Asin(), Acos(), Atan() -> rounded(op, x);
      case Sinh(), Cosh(), Asinh(), Acosh(), Atanh() -> rounded(op, x);
      case Elu _, Selu _, Celu _, Softplus(), Softsign(), ThresholdedRelu _, Mish() ->
          rounded(op, x);
      case Clip _, LeakyRelu _, Sigmoid(), HardSigmoid _, HardSwish(), Tanh() -> rounded(op, x);
      case Gelu _, Sqrt(), Reciprocal(), Exp(), Log(), Erf() -> rounded(op, x);
    };
  }

  private static long rounded(io.octet.graph.op.Unary op, long x) {
    return (long) real(op).applyAsDouble(x);
  }

  private static double elu(double x, double alpha) {
    return x > 0 ? x : alpha * Math.expm1(x);
  }

  /// What is taken exp of is never positive, and so never too large.
  private static double softplus(double x) {
    return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  }

  /// As it is defined, `log(x + sqrt(x^2 + 1))`, little x would lose their digits.
  private static double asinh(double x) {
    double size = Math.abs(x);
    double square = size * size;
    double more = square < Double.POSITIVE_INFINITY ? square / (1 + Math.sqrt(square + 1)) : size;
    return Math.copySign(Math.log1p(size + more), x);
  }

  private static double acosh(double x) {
    double over = x - 1;
    return over < 0 ? Double.NaN : Math.log1p(over + Math.sqrt(over * (over + 2)));
  }

  private static double atanh(double x) {
    double size = Math.abs(x);
    return Math.copySign(Math.log1p(2 * size / (1 - size)) / 2, x);
  }
}
