package io.octet.graph.op;

import static io.octet.tensor.DataType.BOOL;

import io.octet.graph.op.Traits.Axes;
import io.octet.graph.op.Traits.Values;
import io.octet.tensor.DataType;
import io.octet.tensor.Dim;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/// Whether two values stand in a relation, for each pair of elements under numpy's broadcasting.
/// Inputs: A, B of one type. NaN stands in none, not even to itself.
public sealed interface Comparison extends Op {
  /// a = b.
  record Equal() implements Comparison {}

  /// a > b.
  record Greater() implements Comparison {}

  /// a >= b.
  record GreaterOrEqual() implements Comparison {}

  /// a < b.
  record Less() implements Comparison {}

  /// a <= b.
  record LessOrEqual() implements Comparison {}

  /// What each member takes and gives.
  static List<Signature> signatures() {
    return List.of(
        relation("Equal", Signature.ANY),
        relation("Greater", Signature.NUMBERS),
        relation("GreaterOrEqual", Signature.NUMBERS).since(12),
        relation("Less", Signature.NUMBERS),
        relation("LessOrEqual", Signature.NUMBERS).since(12));
  }

  private static Signature relation(String name, Set<DataType> types) {
    return Signature.of(name).in("T", "A", "B").out("B", "C").where("T", types).where("B", BOOL);
  }

  @Override
  default Traits traits() {
    return Traits.of(Values.NEW, Axes.ELEMENTWISE, signature().int8());
  }

  @Override
  default List<ValueInfo> results(Operands in) {
    return in.result(BOOL, in.broadcast(), in.each(this::truth));
  }

  private Dim truth(Dim a, Dim b) {
    OptionalInt order = order(a, b);
    if (order.isEmpty()) {
      return new Dim.Unknown("how " + a + " compares with " + b);
    }
    int sign = order.getAsInt();
    boolean holds =
        switch (this) {
          case Equal _ -> sign == 0;
          case Greater _ -> sign > 0;
          case GreaterOrEqual _ -> sign >= 0;
          case Less _ -> sign < 0;
          case LessOrEqual _ -> sign <= 0;
        };
    return Dim.of(holds ? 1 : 0);
  }

  /// The sign of a - b, where it is known: a size is larger than a negative number.
  private static OptionalInt order(Dim a, Dim b) {
    if (a.number().isPresent() && b.number().isPresent()) {
      return OptionalInt.of(Long.compare(a.number().getAsLong(), b.number().getAsLong()));
    }
    if (a.equals(b) && !(a instanceof Dim.Unknown)) {
      return OptionalInt.of(0);
    }
    if (a.isNonNegative() && b.number().orElse(0) < 0) {
      return OptionalInt.of(1);
    }
    return b.isNonNegative() && a.number().orElse(0) < 0 ? OptionalInt.of(-1) : OptionalInt.empty();
  }
}
