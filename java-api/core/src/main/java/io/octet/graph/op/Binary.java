package io.octet.graph.op;

import static io.octet.tensor.DataType.F32;

import io.octet.graph.op.Traits.Axes;
import io.octet.graph.op.Traits.Values;
import java.util.List;

/// Functions of two values, applied to each pair of elements under numpy's broadcasting.
public sealed interface Binary extends Op {
  /// Elementwise sum with numpy's broadcasting. Inputs: A, B.
  record Add() implements Binary {}

  /// Elementwise product with numpy's broadcasting. Inputs: A, B.
  record Mul() implements Binary {}

  /// What each member takes and gives.
  static List<Signature> signatures() {
    return List.of(floats("Add"), floats("Mul"));
  }

  private static Signature floats(String name) {
    return Signature.of(name).in("T", "A", "B").out("T", "C").where("T", F32);
  }

  @Override
  default Traits traits() {
    return Traits.of(Values.NEW, Axes.ELEMENTWISE, true);
  }

  @Override
  default List<ValueInfo> results(Operands in) {
    return in.result(in.type(0), in.broadcast(in.shape(0), in.shape(1)));
  }
}
