package io.octet.internal.kernel.reference;

import io.octet.internal.kernel.PostOps;
import io.octet.internal.kernel.PostOps.PostOp;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.reference.Unary;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// Post-ops over one element of an output, in their order.
final class PostOpLoops {
  private final List<PostOp> ops;
  private final List<Elements> operands = new ArrayList<>();
  private final long[] y;

  /// @param y the output
  /// @param inputs of the whole kernel; the operands are the last
  PostOpLoops(PostOps post, TensorDesc y, List<MemorySegment> inputs) {
    this.ops = post.ops();
    this.y = y.shape().sizes();
    int next = inputs.size() - post.operands().size();
    for (PostOp op : ops) {
      operands.add(op.operand() == null ? null : new Elements(op.operand(), inputs.get(next++)));
    }
  }

  /// Whether a value is added first of all.
  boolean addsFirst() {
    return !ops.isEmpty() && ops.getFirst() instanceof PostOps.Add;
  }

  /// What operation `op` reads for the element of that logical index.
  float operand(int op, long index) {
    Elements read = operands.get(op);
    return read.real(Broadcast.index(read.sizes(), y, index));
  }

  /// What becomes of `value`, from operation `first` on.
  float apply(int first, float value, long index) {
    float result = value;
    for (int i = first; i < ops.size(); i++) {
      result =
          switch (ops.get(i)) {
            case PostOps.Add _ -> result + operand(i, index);
            case PostOps.Mul _ -> result * operand(i, index);
            case PostOps.Clamp(float min, float max) -> Math.max(min, Math.min(max, result));
            case PostOps.Apply(var function) -> (float) Unary.real(function).applyAsDouble(result);
            case PostOps.Gate(var function) ->
                result * (float) Unary.real(function).applyAsDouble(result);
          };
    }
    return result;
  }

  /// {@link Oracle#magnitude} of what becomes of a value of that magnitude.
  double magnitude(double value, long index) {
    double result = value;
    for (int i = 0; i < ops.size(); i++) {
      result =
          switch (ops.get(i)) {
            case PostOps.Add _ -> result + Math.abs(operand(i, index));
            case PostOps.Mul _ -> result * Math.abs(operand(i, index));
            case PostOps.Clamp _ -> result;
            case PostOps.Apply _ -> Math.max(1, result);
            case PostOps.Gate _ -> result * Math.max(1, result);
          };
    }
    return result;
  }
}
