package io.octet.internal.reference;

import io.octet.graph.op.Comparison.Equal;
import io.octet.graph.op.Comparison.Greater;
import io.octet.graph.op.Comparison.GreaterOrEqual;
import io.octet.graph.op.Comparison.Less;
import io.octet.graph.op.Comparison.LessOrEqual;
import io.octet.tensor.Tensor;
import java.util.List;

/// Whether two values compare so, under numpy's broadcasting. NaN is equal to nothing, neither
/// greater nor less.
final class Comparison {
  private Comparison() {}

  static void evaluate(io.octet.graph.op.Comparison op, List<Tensor> in, Tensor out) {
    Cells a = new Cells(in.get(0));
    Cells b = new Cells(in.get(1));
    Cells y = new Cells(out);
    Walk left = Walk.broadcast(in.get(0).shape(), out.shape());
    Walk right = Walk.broadcast(in.get(1).shape(), out.shape());
    for (long i = 0; i < y.count(); i++) {
      long p = left.next();
      long q = right.next();
      boolean holds =
          a.isReal() ? holds(op, a.real(p), b.real(q)) : holds(op, a.whole(p), b.whole(q));
      y.put(i, holds ? 1 : 0);
    }
  }

  private static boolean holds(io.octet.graph.op.Comparison op, double a, double b) {
    return switch (op) {
      case Equal() -> a == b;
      case Greater() -> a > b;
      case GreaterOrEqual() -> a >= b;
      case Less() -> a < b;
      case LessOrEqual() -> a <= b;
    };
  }

  private static boolean holds(io.octet.graph.op.Comparison op, long a, long b) {
    return switch (op) {
      case Equal() -> a == b;
      case Greater() -> a > b;
      case GreaterOrEqual() -> a >= b;
      case Less() -> a < b;
      case LessOrEqual() -> a <= b;
    };
  }
}
