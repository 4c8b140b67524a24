package io.octet.internal.reference;

import io.octet.graph.op.Selection.Gather;
import io.octet.graph.op.Selection.Slice;
import io.octet.graph.op.Selection.Where;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// What picks some of the elements, bit for bit, whatever their type.
final class Selection {
  private Selection() {}

  static void evaluate(io.octet.graph.op.Selection op, List<Tensor> in, Tensor y) {
    switch (op) {
      case Gather(int axis) -> gather(in.get(0), in.get(1), axis, y);
      case Slice() -> slice(in, y);
      case Where() -> where(in, y);
    }
  }

  /// The slices at the indices of an axis, in their order; a negative index counts from the end.
  private static void gather(Tensor x, Tensor indices, int axis, Tensor y) {
    int at = x.shape().axis(axis).orElseThrow();
    long size = x.shape().size(at);
    long inner = Walk.strides(x.shape())[at] * x.type().bytes();
    long count = indices.elements();
    long offset = 0;
    for (long start = 0; offset < y.data().byteSize(); start += inner * size) {
      for (long i = 0; i < count; i++) {
        long index = indices.getInteger(i);
        long place = index < 0 ? index + size : index;
        if (place < 0 || place >= size) {
          throw new IllegalArgumentException(
              "index " + index + " is not within axis " + axis + " of " + x.shape());
        }
        MemorySegment.copy(x.data(), start + place * inner, y.data(), offset, inner);
        offset += inner;
      }
    }
  }

  /// A negative start or end counts from the end, and beyond the end is the end.
  private static void slice(List<Tensor> in, Tensor y) {
    Shape x = in.getFirst().shape();
    Tensor starts = in.get(1);
    Tensor axes = Reference.input(in, 3);
    Tensor by = Reference.input(in, 4);
    long[] steps = Walk.strides(x);
    long offset = 0;
    for (int i = 0; i < starts.elements(); i++) {
      int axis = x.axis(axes == null ? i : axes.getInteger(i)).orElseThrow();
      long step = by == null ? 1 : by.getInteger(i);
      long size = x.size(axis);
      long start = starts.getInteger(i) < 0 ? starts.getInteger(i) + size : starts.getInteger(i);
      offset += Math.clamp(start, 0, Math.max(0, step < 0 ? size - 1 : size)) * steps[axis];
      steps[axis] *= step;
    }
    Walk.pick(in.getFirst(), offset, steps, y);
  }

  private static void where(List<Tensor> in, Tensor y) {
    Walk condition = Walk.broadcast(in.get(0).shape(), y.shape());
    Walk then = Walk.broadcast(in.get(1).shape(), y.shape());
    Walk otherwise = Walk.broadcast(in.get(2).shape(), y.shape());
    for (long i = 0; i < y.elements(); i++) {
      long p = then.next();
      long q = otherwise.next();
      boolean chosen = in.get(0).getInteger(condition.next()) != 0;
      Walk.copy(in.get(chosen ? 1 : 2), chosen ? p : q, y.data(), i);
    }
  }
}
