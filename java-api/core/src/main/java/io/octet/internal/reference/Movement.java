package io.octet.internal.reference;

import io.octet.graph.op.Movement.Concat;
import io.octet.graph.op.Movement.Dropout;
import io.octet.graph.op.Movement.Expand;
import io.octet.graph.op.Movement.Flatten;
import io.octet.graph.op.Movement.Identity;
import io.octet.graph.op.Movement.Reshape;
import io.octet.graph.op.Movement.Split;
import io.octet.graph.op.Movement.Squeeze;
import io.octet.graph.op.Movement.Transpose;
import io.octet.graph.op.Movement.Unsqueeze;
import io.octet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// What moves elements, bit for bit, whatever their type.
final class Movement {
  private Movement() {}

  static void evaluate(io.octet.graph.op.Movement op, List<Tensor> in, List<Tensor> out) {
    Tensor y = out.getFirst();
    Tensor x = in.getFirst();
    switch (op) {
      case Flatten _, Reshape _, Squeeze(), Unsqueeze() -> y.data().copyFrom(x.data());
      case Identity(), Dropout() -> y.data().copyFrom(x.data());
      case Expand() -> Walk.pick(x, 0, Walk.broadcastStrides(x.shape(), y.shape()), y);
      case Transpose(List<Integer> perm) -> transpose(x, perm, y);
      case Concat(int axis) -> concat(in, axis, y);
      case Split(int axis, int _) -> split(x, axis, out);
    }
  }

  static boolean isView(io.octet.graph.op.Movement op) {
    return switch (op) {
      case Flatten _, Reshape _, Squeeze(), Unsqueeze(), Identity(), Dropout() -> true;
      case Transpose _, Concat _, Expand(), Split _ -> false;
    };
  }

  private static void transpose(Tensor x, List<Integer> perm, Tensor y) {
    int rank = x.shape().rank();
    long[] from = Walk.strides(x.shape());
    long[] steps = new long[rank];
    for (int i = 0; i < rank; i++) {
      steps[i] = from[perm.isEmpty() ? rank - 1 - i : perm.get(i)];
    }
    Walk.pick(x, 0, steps, y);
  }

  private static void split(Tensor x, int axis, List<Tensor> out) {
    int at = x.shape().axis(axis).orElseThrow();
    long[] steps = Walk.strides(x.shape());
    long offset = 0;
    for (Tensor y : out) {
      Walk.pick(x, offset, steps, y);
      offset += y.shape().size(at) * steps[at];
    }
  }

  private static void concat(List<Tensor> xs, int axis, Tensor y) {
    int at = y.shape().axis(axis).orElseThrow();
    long rows = 1;
    for (int i = 0; i < at; i++) {
      rows *= y.shape().size(i);
    }
    long offset = 0;
    for (long row = 0; row < rows; row++) {
      for (Tensor x : xs) {
        long chunk = x.data().byteSize() / rows;
        MemorySegment.copy(x.data(), row * chunk, y.data(), offset, chunk);
        offset += chunk;
      }
    }
  }
}
