package io.octet.internal.reference;

import io.octet.OctetException.Unsupported;
import io.octet.graph.op.Binary.Add;
import io.octet.graph.op.Binary.And;
import io.octet.graph.op.Binary.Div;
import io.octet.graph.op.Binary.Max;
import io.octet.graph.op.Binary.Min;
import io.octet.graph.op.Binary.Mul;
import io.octet.graph.op.Binary.Or;
import io.octet.graph.op.Binary.Pow;
import io.octet.graph.op.Binary.Sub;
import io.octet.tensor.Tensor;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.LongBinaryOperator;

/// Functions of two values under numpy's broadcasting.
public final class Binary {
  private Binary() {}

  static void evaluate(io.octet.graph.op.Binary op, List<Tensor> in, Tensor out) {
    Cells a = new Cells(in.get(0));
    Cells b = new Cells(in.get(1));
    Cells y = new Cells(out);
    Walk left = Walk.broadcast(in.get(0).shape(), out.shape());
    Walk right = Walk.broadcast(in.get(1).shape(), out.shape());
    if (y.isReal()) {
      DoubleBinaryOperator function = real(op);
      for (long i = 0; i < y.count(); i++) {
        y.put(i, function.applyAsDouble(a.real(left.next()), b.real(right.next())));
      }
    } else {
      LongBinaryOperator function = whole(op);
      for (long i = 0; i < y.count(); i++) {
        y.put(i, function.applyAsLong(a.whole(left.next()), b.whole(right.next())));
      }
    }
  }

  /// What the operator makes of two reals.
  public static DoubleBinaryOperator real(io.octet.graph.op.Binary op) {
    return switch (op) {
      case Add() -> Double::sum;
      case Mul() -> (a, b) -> a * b;
      case Sub(), Div(), Pow(), Max(), Min(), And(), Or() ->
          throw new Unsupported(op.name() + " has no meaning here yet");
    };
  }

  private static LongBinaryOperator whole(io.octet.graph.op.Binary op) {
    return switch (op) {
      case Add() -> Long::sum;
      case Mul() -> (a, b) -> a * b;
      case Sub(), Div(), Pow(), Max(), Min(), And(), Or() ->
          throw new Unsupported(op.name() + " has no meaning here yet");
    };
  }
}
