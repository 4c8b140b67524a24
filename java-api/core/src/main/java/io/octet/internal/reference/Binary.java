package io.octet.internal.reference;

import io.octet.graph.op.Binary.Add;
import io.octet.graph.op.Binary.And;
import io.octet.graph.op.Binary.BitShift;
import io.octet.graph.op.Binary.BitwiseAnd;
import io.octet.graph.op.Binary.BitwiseOr;
import io.octet.graph.op.Binary.BitwiseXor;
import io.octet.graph.op.Binary.Div;
import io.octet.graph.op.Binary.Max;
import io.octet.graph.op.Binary.Min;
import io.octet.graph.op.Binary.Mod;
import io.octet.graph.op.Binary.Mul;
import io.octet.graph.op.Binary.Or;
import io.octet.graph.op.Binary.PRelu;
import io.octet.graph.op.Binary.Pow;
import io.octet.graph.op.Binary.Sub;
import io.octet.graph.op.Binary.Xor;
import io.octet.tensor.Tensor;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.LongBinaryOperator;

/// Functions of two values under numpy's broadcasting. One of several values is that of the first
/// two and the rest, one after the other.
public final class Binary {
  private Binary() {}

  static void evaluate(io.octet.graph.op.Binary op, List<Tensor> in, Tensor out) {
    List<Cells> cells = in.stream().map(Cells::new).toList();
    List<Walk> walks = in.stream().map(x -> Walk.broadcast(x.shape(), out.shape())).toList();
    Cells y = new Cells(out);
    if (y.isReal() || op instanceof Pow) {
      DoubleBinaryOperator function = real(op);
      for (long i = 0; i < y.count(); i++) {
        double result = cells.getFirst().real(walks.getFirst().next());
        for (int k = 1; k < cells.size(); k++) {
          result = function.applyAsDouble(result, cells.get(k).real(walks.get(k).next()));
        }
        y.put(i, result);
      }
    } else {
      LongBinaryOperator function = whole(op);
      for (long i = 0; i < y.count(); i++) {
        long result = cells.getFirst().whole(walks.getFirst().next());
        for (int k = 1; k < cells.size(); k++) {
          result = function.applyAsLong(result, cells.get(k).whole(walks.get(k).next()));
        }
        y.put(i, result);
      }
    }
  }

  /// What the operator makes of two reals.
  public static DoubleBinaryOperator real(io.octet.graph.op.Binary op) {
    return switch (op) {
      case Add() -> Double::sum;
      case Mul() -> (a, b) -> a * b;
      case Sub() -> (a, b) -> a - b;
      case Div() -> (a, b) -> a / b;
      case Pow() -> Math::pow;
      case Max() -> Math::max;
      case Min() -> Math::min;
      case And() -> (a, b) -> a != 0 && b != 0 ? 1 : 0;
      case Mod _ -> (a, b) -> a % b;
      case PRelu() -> (a, b) -> a < 0 ? a * b : a;
      case Or() -> (a, b) -> a != 0 || b != 0 ? 1 : 0;
      case Xor() -> (a, b) -> a != 0 ^ b != 0 ? 1 : 0;
      case BitwiseAnd(), BitwiseOr(), BitwiseXor(), BitShift _ -> onWhole(op);
    };
  }

  private static DoubleBinaryOperator onWhole(io.octet.graph.op.Binary op) {
    LongBinaryOperator function = whole(op);
    return (a, b) -> function.applyAsLong((long) a, (long) b);
  }

  /// What the operator makes of two whole numbers: exactly, where a double would round.
  private static LongBinaryOperator whole(io.octet.graph.op.Binary op) {
    return switch (op) {
      case Add() -> Long::sum;
      case Mul() -> (a, b) -> a * b;
      case Sub() -> (a, b) -> a - b;
      case Div() -> Binary::quotient;
      case Pow() -> (a, b) -> (long) Math.pow(a, b);
      case Max() -> Math::max;
      case Min() -> Math::min;
      case And() -> (a, b) -> a & b;
      case Or() -> (a, b) -> a | b;
      case Mod(boolean fmod) -> fmod ? Binary::rest : Binary::modulo;
      case PRelu() -> (a, b) -> a < 0 ? a * b : a;
      case Xor(), BitwiseXor() -> (a, b) -> a ^ b;
      case BitwiseAnd() -> (a, b) -> a & b;
      case BitwiseOr() -> (a, b) -> a | b;
      case BitShift(boolean left) -> (a, b) -> b >= Byte.SIZE ? 0 : left ? a << b : a >>> b;
    };
  }

  private static long rest(long a, long b) {
    requireDivisor(a, b);
    return a % b;
  }

  private static long modulo(long a, long b) {
    requireDivisor(a, b);
    return Math.floorMod(a, b);
  }

  private static void requireDivisor(long a, long b) {
    if (b == 0) {
      throw new IllegalArgumentException("the whole number " + a + " is divided by 0");
    }
  }

  private static long quotient(long a, long b) {
    requireDivisor(a, b);
    return a / b;
  }
}
