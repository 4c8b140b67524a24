package io.octet.internal.pass;

import io.octet.graph.Node;
import io.octet.graph.op.Op;
import io.octet.graph.op.Unary;
import java.util.Optional;

/// What a clamp leaves of the reals: `min(max(x, min), max)`. The one list of operators that are
/// clamps, and of those whose results have bounds of their own.
///
/// @param min where nothing bounds, minus infinity
/// @param max where nothing bounds, infinity
public record Interval(float min, float max) {
  /// All reals.
  public static final Interval ALL = new Interval(Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY);

  /// The interval to which `op` clamps; nothing where it is no clamp.
  public static Optional<Interval> of(Op op) {
    if (op instanceof Unary.Relu) {
      return Optional.of(new Interval(0, Float.POSITIVE_INFINITY));
    }
    return op instanceof Unary.Clip(float min, float max)
        ? Optional.of(new Interval(min, max))
        : Optional.empty();
  }

  /// What the results of `node` never leave; nothing where they may be anything, or nobody makes
  /// them.
  public static Optional<Interval> ofResult(Node node) {
    if (node == null) {
      return Optional.empty();
    }
    if (node.op() instanceof Unary.Sigmoid || node.op() instanceof Unary.HardSigmoid) {
      return Optional.of(new Interval(0, 1));
    }
    return node.op() instanceof Unary.Tanh ? Optional.of(new Interval(-1, 1)) : of(node.op());
  }

  /// Whether it is bounded on both sides.
  public boolean isFinite() {
    return Float.isFinite(min) && Float.isFinite(max);
  }

  /// Whether nothing in it is negative.
  public boolean isNonNegative() {
    return min >= 0;
  }

  /// What is left when a clamp to `next` follows: the bounds of this one are clamped in turn.
  public Interval then(Interval next) {
    return new Interval(next.clamp(min), next.clamp(max));
  }

  private float clamp(float x) {
    return Math.min(Math.max(x, min), max);
  }
}
