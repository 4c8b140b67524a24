package io.octet.graph.op;

import static io.octet.tensor.DataType.F32;

import io.octet.graph.op.Traits.Axes;
import io.octet.graph.op.Traits.Values;
import io.octet.tensor.DataType;
import io.octet.tensor.Dim;
import java.util.List;
import java.util.Optional;

/// Functions of one value, applied to each element.
public sealed interface Unary extends Op {
  /// max(x, 0).
  record Relu() implements Unary {}

  /// min(max(x, min), max): ReLU6 is `new Clip(0, 6)`. Infinite bounds do not bound.
  record Clip(float min, float max) implements Unary {
    /// Refuses NaN and an empty interval.
    public Clip {
      if (!(min <= max)) {
        throw new IllegalArgumentException("clip needs min <= max, but got " + min + " and " + max);
      }
    }
  }

  /// x where positive, else alpha * x.
  record LeakyRelu(float alpha) implements Unary {}

  /// 1 / (1 + exp(-x)).
  record Sigmoid() implements Unary {}

  /// max(0, min(1, alpha * x + beta)).
  record HardSigmoid(float alpha, float beta) implements Unary {}

  /// x * max(0, min(1, x / 6 + 0.5)).
  record HardSwish() implements Unary {}

  /// Hyperbolic tangent.
  record Tanh() implements Unary {}

  /// x times the part of a normal distribution that lies below x: `x / 2 * (1 + erf(x / sqrt(2)))`.
  /// Hendrycks and Gimpel, "Gaussian Error Linear Units", 2016.
  record Gelu(Approximation approximate) implements Unary {
    /// How it is computed.
    public enum Approximation {
      /// As it is defined.
      NONE,
      /// `x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)))`.
      TANH
    }
  }

  /// -x.
  record Neg() implements Unary {}

  /// x without its sign.
  record Abs() implements Unary {}

  /// The square root; NaN of a negative number.
  record Sqrt() implements Unary {}

  /// 1 / x.
  record Reciprocal() implements Unary {}

  /// e to the power of x.
  record Exp() implements Unary {}

  /// The natural logarithm.
  record Log() implements Unary {}

  /// The error function.
  record Erf() implements Unary {}

  /// The largest whole number that is not above x.
  record Floor() implements Unary {}

  /// The smallest whole number that is not below x.
  record Ceil() implements Unary {}

  /// The nearest whole number, an even one where two are near.
  record Round() implements Unary {}

  /// -1, 0 or 1.
  record Sign() implements Unary {}

  /// Sine of an angle in radians, like those below.
  record Sin() implements Unary {}

  /// Cosine.
  record Cos() implements Unary {}

  /// Tangent.
  record Tan() implements Unary {}

  /// Inverse of the sine; NaN beyond -1 and 1.
  record Asin() implements Unary {}

  /// Inverse of the cosine; NaN beyond -1 and 1.
  record Acos() implements Unary {}

  /// Inverse of the tangent.
  record Atan() implements Unary {}

  /// Hyperbolic sine.
  record Sinh() implements Unary {}

  /// Hyperbolic cosine.
  record Cosh() implements Unary {}

  /// Inverse of the hyperbolic sine.
  record Asinh() implements Unary {}

  /// Inverse of the hyperbolic cosine; NaN below 1.
  record Acosh() implements Unary {}

  /// Inverse of the hyperbolic tangent; NaN beyond -1 and 1.
  record Atanh() implements Unary {}

  /// x where positive, else alpha * (exp(x) - 1).
  record Elu(float alpha) implements Unary {}

  /// gamma times Elu. Klambauer et al., "Self-Normalizing Neural Networks", 2017.
  record Selu(float alpha, float gamma) implements Unary {}

  /// x where positive, else alpha * (exp(x / alpha) - 1).
  record Celu(float alpha) implements Unary {}

  /// log(1 + exp(x)).
  record Softplus() implements Unary {}

  /// x / (1 + |x|).
  record Softsign() implements Unary {}

  /// x where above alpha, else 0.
  record ThresholdedRelu(float alpha) implements Unary {}

  /// x * tanh(log(1 + exp(x))).
  record Mish() implements Unary {}

  /// Whether x is NaN.
  record IsNaN() implements Unary {}

  /// Whether x is an infinity of a sign that is asked for.
  record IsInf(boolean negative, boolean positive) implements Unary {}

  /// Whether x does not hold.
  record Not() implements Unary {}

  /// Each bit the other way.
  record BitwiseNot() implements Unary {}

  /// x as another type: a function of each element like the rest, though its result has a type of
  /// its own. Floats lose their fraction where they become integers, integers what the type does
  /// not hold, and what is not 0 holds as a truth.
  record Cast(DataType to) implements Unary {}

  /// What each member takes and gives.
  static List<Signature> signatures() {
    return List.of(
        same("Relu").since(6).where("T", Signature.FLOATS),
        same("Clip").where("T", F32),
        same("LeakyRelu").since(6).where("T", Signature.FLOATS),
        same("Sigmoid").since(6).where("T", Signature.FLOATS),
        same("HardSigmoid").since(6).where("T", Signature.FLOATS),
        same("HardSwish").since(14).where("T", Signature.FLOATS),
        same("Tanh").since(6).where("T", Signature.FLOATS),
        same("Gelu").since(20).where("T", Signature.FLOATS),
        same("Neg")
            .since(6)
            .where(
                "T",
                F32,
                DataType.S8,
                DataType.S32,
                DataType.S64,
                DataType.F16,
                DataType.BF16,
                DataType.F64),
        same("Abs").since(6).where("T", Signature.NUMBERS),
        same("Sqrt").since(6).where("T", Signature.FLOATS),
        same("Reciprocal").since(6).where("T", Signature.FLOATS),
        same("Exp").since(6).where("T", Signature.FLOATS),
        same("Log").since(6).where("T", Signature.FLOATS),
        same("Erf").since(9).where("T", Signature.FLOATS),
        same("Floor").since(6).where("T", Signature.FLOATS),
        same("Ceil").since(6).where("T", Signature.FLOATS),
        same("Round").since(11).where("T", Signature.FLOATS),
        same("Sign").since(9).where("T", Signature.NUMBERS),
        same("Sin").where("T", Signature.FLOATS),
        same("Cos").where("T", Signature.FLOATS),
        same("Tan").where("T", Signature.FLOATS),
        same("Asin").where("T", Signature.FLOATS),
        same("Acos").where("T", Signature.FLOATS),
        same("Atan").where("T", Signature.FLOATS),
        same("Sinh").since(9).where("T", Signature.FLOATS),
        same("Cosh").since(9).where("T", Signature.FLOATS),
        same("Asinh").since(9).where("T", Signature.FLOATS),
        same("Acosh").since(9).where("T", Signature.FLOATS),
        same("Atanh").since(9).where("T", Signature.FLOATS),
        same("Elu").since(6).where("T", Signature.FLOATS),
        same("Selu").since(6).where("T", Signature.FLOATS),
        same("Celu").since(12).where("T", Signature.FLOATS),
        same("Softplus").since(1).where("T", Signature.FLOATS),
        same("Softsign").since(1).where("T", Signature.FLOATS),
        same("ThresholdedRelu").since(10).where("T", Signature.FLOATS),
        same("Mish").since(18).where("T", Signature.FLOATS),
        truth("IsNaN").since(9),
        truth("IsInf").since(10),
        Signature.of("Not").since(1).in("T", "X").out("T", "Y").where("T", DataType.BOOL),
        Signature.of("BitwiseNot")
            .since(18)
            .in("T", "X")
            .out("T", "Y")
            .where("T", Signature.INTEGERS),
        Signature.of("Cast")
            .in("T1", "input")
            .out("T2", "output")
            .where("T1", Signature.ANY)
            .where("T2", Signature.ANY));
  }

  private static Signature truth(String name) {
    return Signature.of(name)
        .in("T1", "X")
        .out("T2", "Y")
        .where("T1", Signature.FLOATS)
        .where("T2", DataType.BOOL);
  }

  private static Signature same(String name) {
    return Signature.of(name).in("T", "X").out("T", "Y").alsoInt8();
  }

  @Override
  default Traits traits() {
    return Traits.of(Values.NEW, Axes.ELEMENTWISE, signature().int8());
  }

  @Override
  default List<ValueInfo> results(Operands in) {
    return in.result(type(in.type(0)), in.shape(0), values(in));
  }

  private DataType type(DataType x) {
    return switch (this) {
      case Cast(DataType to) -> to;
      case IsNaN _, IsInf _ -> DataType.BOOL;
      case Unary _ -> x;
    };
  }

  private Optional<List<Dim>> values(Operands in) {
    try {
      return in.values(0).map(list -> list.stream().map(this::value).toList());
    } catch (ArithmeticException _) {
      return Optional.empty(); // A run lets it wrap.
    }
  }

  /// What the function makes of an integer or a truth.
  private Dim value(Dim x) {
    return switch (this) {
      case Neg _ -> Dim.of(0).minus(x);
      case Abs _ -> x.isNonNegative() ? x : x.max(Dim.of(0).minus(x));
      case Not _ -> x.number().isPresent() ? Dim.of(1 - x.number().getAsLong()) : unknown();
      case Cast(DataType to) ->
          to != DataType.BOOL
              ? x
              : x.number().isPresent() ? Dim.of(x.equals(Dim.of(0)) ? 0 : 1) : unknown();
      case Relu _, Clip _, LeakyRelu _, Sigmoid _, HardSigmoid _, HardSwish _ -> unknown();
      case Tanh _, Gelu _, Sqrt _, Reciprocal _, Exp _, Log _, Erf _, Floor _, Ceil _, Round _ ->
          unknown();
      case Sign _, BitwiseNot _, IsNaN _, IsInf _, Softplus _, Softsign _, Mish _ -> unknown();
      case Sin _, Cos _, Tan _, Asin _, Acos _, Atan _, Sinh _, Cosh _, Asinh _, Acosh _, Atanh _ ->
          unknown();
      case Elu _, Selu _, Celu _, ThresholdedRelu _ -> unknown();
    };
  }

  private Dim unknown() {
    return new Dim.Unknown(name() + " of a value that is not known");
  }
}
