package io.octet.internal.kernel;

import io.octet.graph.op.Op;
import io.octet.internal.reference.Unary;
import java.util.function.DoubleUnaryOperator;

/// The functions of one value, in double: what {@link KernelSpec.Unary} means.
public final class Functions {
  private Functions() {}

  /// The function that `op` applies to each element, or null where it is not such an operator.
  public static DoubleUnaryOperator of(Op op) {
    return op instanceof io.octet.graph.op.Unary unary ? Unary.real(unary) : null;
  }
}
