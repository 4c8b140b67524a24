package io.octet.graph.op;

import io.octet.graph.op.Traits.Axes;
import io.octet.graph.op.Traits.Values;
import io.octet.tensor.DataType;
import io.octet.tensor.Dim;
import java.util.List;
import java.util.Optional;

/// Functions of two values, applied to each pair of elements under numpy's broadcasting.
public sealed interface Binary extends Op {
  /// Elementwise sum with numpy's broadcasting. Inputs: A, B.
  record Add() implements Binary {}

  /// Elementwise product with numpy's broadcasting. Inputs: A, B.
  record Mul() implements Binary {}

  /// Elementwise difference with numpy's broadcasting. Inputs: A, B.
  record Sub() implements Binary {}

  /// Elementwise quotient with numpy's broadcasting; that of integers loses its fraction. Inputs:
  /// A, B.
  record Div() implements Binary {}

  /// Elementwise power with numpy's broadcasting, of the base's type. Inputs: base, exponent.
  record Pow() implements Binary {}

  /// The largest of one input or more with numpy's broadcasting.
  record Max() implements Binary {}

  /// The smallest of one input or more with numpy's broadcasting.
  record Min() implements Binary {}

  /// The rest of a division: of the divisor's sign, or of the dividend's where `fmod` holds, as it
  /// must for floats. Inputs: A, B.
  record Mod(boolean fmod) implements Binary {}

  /// x where it is not negative, else slope * x. Inputs: X, slope, which is broadcast to X.
  record PRelu() implements Binary {}

  /// Whether both hold. Inputs: A, B (bool).
  record And() implements Binary {}

  /// Whether one holds, or both. Inputs: A, B (bool).
  record Or() implements Binary {}

  /// Whether one holds, and not both. Inputs: A, B (bool).
  record Xor() implements Binary {}

  /// Bits that both have. Inputs: A, B (integers), like the two below.
  record BitwiseAnd() implements Binary {}

  /// Bits that one has, or both.
  record BitwiseOr() implements Binary {}

  /// Bits that one has, and not both.
  record BitwiseXor() implements Binary {}

  /// The bits of the first, moved by as many places as the second says. Inputs: X, Y (unsigned).
  record BitShift(boolean left) implements Binary {}

  /// What each member takes and gives.
  static List<Signature> signatures() {
    return List.of(
        pair("Add").where("T", Signature.NUMBERS).alsoInt8(),
        pair("Mul").where("T", Signature.NUMBERS).alsoInt8(),
        pair("Sub").where("T", Signature.NUMBERS),
        pair("Div").where("T", Signature.NUMBERS),
        Signature.of("Pow")
            .in("T", "base")
            .in("T1", "exponent")
            .out("T", "C")
            .where("T", Signature.WIDE)
            .where("T1", Signature.NUMBERS),
        many("Max"),
        many("Min"),
        pair("Mod").since(10).where("T", Signature.NUMBERS),
        Signature.of("PRelu").in("T", "X", "slope").out("T", "Y").where("T", Signature.WIDE),
        pair("And").where("T", DataType.BOOL),
        pair("Or").where("T", DataType.BOOL),
        pair("Xor").where("T", DataType.BOOL),
        pair("BitwiseAnd").since(18).where("T", Signature.INTEGERS),
        pair("BitwiseOr").since(18).where("T", Signature.INTEGERS),
        pair("BitwiseXor").since(18).where("T", Signature.INTEGERS),
        pair("BitShift").since(11).where("T", DataType.U8));
  }

  private static Signature pair(String name) {
    return Signature.of(name).in("T", "A", "B").out("T", "C");
  }

  private static Signature many(String name) {
    return Signature.of(name).variadic("T", "A").out("T", "C").where("T", Signature.NUMBERS);
  }

  @Override
  default Traits traits() {
    Values values =
        switch (this) {
          case Add _, Mul _, Sub _, Div _, Pow _, Mod _, PRelu _, And _, Or _, Xor _ -> Values.NEW;
          case BitwiseAnd _, BitwiseOr _, BitwiseXor _, BitShift _ -> Values.NEW;
          case Max _, Min _ -> Values.PICKED;
        };
    return Traits.of(values, Axes.ELEMENTWISE, signature().int8());
  }

  @Override
  default List<ValueInfo> results(Operands in) {
    Optional<List<Dim>> values =
        switch (this) {
          case Add _ -> in.each(Dim::plus);
          case Mul _ -> in.each(Dim::times);
          case Sub _ -> in.each(Dim::minus);
          case Div _ -> in.each(Binary::quotient);
          case Max _ -> in.each(Dim::max);
          case Min _ -> in.each(Dim::min);
          case And _ -> in.each(Dim::min);
          case Or _ -> in.each(Dim::max);
          case Mod(boolean fmod) -> in.each((a, b) -> rest(a, b, fmod));
          case Pow _, PRelu _, Xor _ -> Optional.empty();
          case BitwiseAnd _, BitwiseOr _, BitwiseXor _, BitShift _ -> Optional.empty();
        };
    if (this instanceof Mod(boolean fmod) && !fmod && in.type(0).isFloat()) {
      throw in.invalid("takes floats only where fmod is 1");
    }
    if (this instanceof PRelu) {
      in.requireBroadcast(1, "slope", in.shape(0));
      return in.result(in.type(0), in.shape(0));
    }
    return in.result(in.type(0), in.broadcast(), values);
  }

  private static Dim rest(Dim a, Dim b, boolean fmod) {
    if (a.number().isEmpty() || b.number().orElse(0) == 0) {
      return new Dim.Unknown("the rest of " + a + " divided by " + b);
    }
    long x = a.number().getAsLong();
    long y = b.number().getAsLong();
    return Dim.of(fmod ? x % y : Math.floorMod(x, y));
  }

  private static Dim quotient(Dim a, Dim b) {
    boolean numbers = a.number().isPresent() && b.number().isPresent();
    if (b.equals(Dim.of(0)) || !numbers && !(a.isNonNegative() && b.isNonNegative())) {
      return new Dim.Unknown(a + " divided by " + b);
    }
    return numbers ? Dim.of(a.number().getAsLong() / b.number().getAsLong()) : a.dividedBy(b);
  }
}
