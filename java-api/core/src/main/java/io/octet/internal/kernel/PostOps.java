package io.octet.internal.kernel;

import io.octet.graph.op.Unary;
import io.octet.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What happens to a value in real units before it is rounded, one operation after the other, each
/// in float. Most lists are a residual that is added, then a clamp: those alone every backend
/// knows.
///
/// @param ops in their order; their operands are the kernel's last inputs
public record PostOps(List<PostOp> ops) {
  /// One operation.
  public sealed interface PostOp {
    /// What it reads besides the value itself: of the output's shape, or broadcast to it; null
    /// where it reads nothing.
    default TensorDesc operand() {
      return null;
    }
  }

  /// Adds a value.
  public record Add(TensorDesc operand) implements PostOp {}

  /// Multiplies by a value.
  public record Mul(TensorDesc operand) implements PostOp {}

  /// `max(min, min(max, x))`.
  ///
  /// @param min lower bound, negative infinity where there is none
  /// @param max upper bound, positive infinity where there is none
  public record Clamp(float min, float max) implements PostOp {}

  /// A function of the value.
  public record Apply(Unary function) implements PostOp {}

  /// The value times a function of itself: a SiLU is the gate Sigmoid.
  public record Gate(Unary function) implements PostOp {}

  /// Nothing happens.
  public static final PostOps NONE = new PostOps(List.of());

  /// A ReLU.
  public static final PostOps RELU = NONE.clamp(0, Float.POSITIVE_INFINITY);

  /// Copies the list.
  public PostOps {
    ops = List.copyOf(ops);
  }

  /// A residual, then a clamp.
  ///
  /// @param residual null where there is none
  public PostOps(TensorDesc residual, float min, float max) {
    this((residual == null ? NONE : NONE.then(new Add(residual))).clamp(min, max).ops());
  }

  /// This, and one more.
  public PostOps then(PostOp last) {
    List<PostOp> longer = new ArrayList<>(ops);
    longer.add(last);
    return new PostOps(longer);
  }

  /// This behind that residual, which takes the place of one that is there.
  public PostOps withResidual(TensorDesc added) {
    List<PostOp> all = new ArrayList<>(ops.subList(hasResidual() ? 1 : 0, ops.size()));
    all.addFirst(new Add(added));
    return new PostOps(all);
  }

  /// This, then a clamp; two clamps in a row are one by their intersection.
  public PostOps clamp(float low, float high) {
    if (low == Float.NEGATIVE_INFINITY && high == Float.POSITIVE_INFINITY) {
      return this;
    }
    if (!clamps()) {
      return then(new Clamp(low, high));
    }
    List<PostOp> same = new ArrayList<>(ops.subList(0, ops.size() - 1));
    same.add(new Clamp(Math.max(min(), low), Math.min(max(), high)));
    return new PostOps(same);
  }

  /// What the list reads, in its order.
  public List<TensorDesc> operands() {
    List<TensorDesc> operands = new ArrayList<>(ops.size());
    for (PostOp op : ops) {
      if (op.operand() != null) {
        operands.add(op.operand());
      }
    }
    return operands;
  }

  /// The inputs of a kernel that reads `own`, and then these operands.
  List<TensorDesc> behind(TensorDesc... own) {
    List<TensorDesc> inputs = new ArrayList<>(List.of(own));
    inputs.addAll(operands());
    return List.copyOf(inputs);
  }

  /// Refuses operands that do not broadcast to that output.
  void requireFor(TensorDesc y) {
    for (TensorDesc operand : operands()) {
      if (!Shape.broadcast(operand.shape(), y.shape()).equals(Optional.of(y.shape()))) {
        throw new IllegalArgumentException("operand " + operand + " for output " + y);
      }
    }
  }

  /// Whether this is at most a residual of that output's own shape, then at most a clamp: what
  /// every backend knows.
  public boolean isResidualThenClamp(TensorDesc y) {
    int known = (hasResidual() ? 1 : 0) + (clamps() ? 1 : 0);
    return ops.size() == known && (!hasResidual() || residual().shape().equals(y.shape()));
  }

  /// Whether this is a function of the value alone.
  public boolean isFunction() {
    return ops.size() == 1 && (ops.getFirst() instanceof Apply || ops.getFirst() instanceof Gate);
  }

  /// Whether a value is added first of all.
  public boolean hasResidual() {
    return residual() != null;
  }

  /// The value that is added first of all; null where there is none.
  public TensorDesc residual() {
    return !ops.isEmpty() && ops.getFirst() instanceof Add(TensorDesc added) ? added : null;
  }

  /// Whether a clamp comes last.
  public boolean clamps() {
    return !ops.isEmpty() && ops.getLast() instanceof Clamp;
  }

  /// Whether the last clamp is a ReLU: at 0 from below, open above.
  public boolean isRelu() {
    return min() == 0 && max() == Float.POSITIVE_INFINITY;
  }

  /// Lower bound of the last clamp, negative infinity where there is none.
  public float min() {
    return !ops.isEmpty() && ops.getLast() instanceof Clamp(float min, float _)
        ? min
        : Float.NEGATIVE_INFINITY;
  }

  /// Upper bound of the last clamp, positive infinity where there is none.
  public float max() {
    return !ops.isEmpty() && ops.getLast() instanceof Clamp(float _, float max)
        ? max
        : Float.POSITIVE_INFINITY;
  }
}
