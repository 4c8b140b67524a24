package io.octet.graph.op;

import static io.octet.tensor.DataType.F32;

import io.octet.graph.op.Traits.Axes;
import io.octet.graph.op.Traits.Values;
import java.util.List;

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

  /// What each member takes and gives.
  static List<Signature> signatures() {
    return List.of(
        floats("Relu"),
        floats("Clip"),
        floats("LeakyRelu"),
        floats("Sigmoid"),
        floats("HardSigmoid"),
        floats("HardSwish").since(14),
        floats("Tanh"));
  }

  private static Signature floats(String name) {
    return Signature.of(name).in("T", "X").out("T", "Y").where("T", F32);
  }

  @Override
  default Traits traits() {
    return Traits.of(Values.NEW, Axes.ELEMENTWISE, true);
  }

  @Override
  default List<ValueInfo> results(Operands in) {
    return in.result(in.type(0), in.shape(0));
  }
}
