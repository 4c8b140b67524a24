package io.octet.internal.reference;

import io.octet.graph.op.Selection.Compress;
import io.octet.graph.op.Selection.Gather;
import io.octet.graph.op.Selection.GatherElements;
import io.octet.graph.op.Selection.GatherND;
import io.octet.graph.op.Selection.Meeting;
import io.octet.graph.op.Selection.NonZero;
import io.octet.graph.op.Selection.ReverseSequence;
import io.octet.graph.op.Selection.ScatterElements;
import io.octet.graph.op.Selection.ScatterND;
import io.octet.graph.op.Selection.Slice;
import io.octet.graph.op.Selection.Trilu;
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
      case GatherND(int batchDims) -> Picking.gatherND(in, batchDims, y);
      case GatherElements(int axis) -> Picking.gatherElements(in, axis, y);
      case ScatterND(Meeting meeting) -> Picking.scatterND(in, meeting, y);
      case ScatterElements(int axis, Meeting meeting) ->
          Picking.scatterElements(in, axis, meeting, y);
      case Compress(int axis, boolean flat) -> compress(in, axis, flat, y);
      case NonZero() -> nonZero(in.getFirst(), y);
      case ReverseSequence(int batch, int time) -> reverse(in, batch, time, y);
      case Trilu(boolean upper) -> trilu(in, upper, y);
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

  private static void compress(List<Tensor> in, int axis, boolean flat, Tensor y) {
    Tensor x = in.getFirst();
    Tensor line = flat ? x.reshape(Shape.of(x.elements())) : x;
    int at = line.shape().axis(flat ? 0 : axis).orElseThrow();
    long inner = Walk.strides(line.shape())[at] * x.type().bytes();
    long size = line.shape().size(at);
    long offset = 0;
    for (long start = 0; start < x.data().byteSize(); start += inner * size) {
      for (long i = 0; i < in.get(1).elements(); i++) {
        if (in.get(1).getInteger(i) != 0) {
          MemorySegment.copy(x.data(), start + i * inner, y.data(), offset, inner);
          offset += inner;
        }
      }
    }
  }

  private static void nonZero(Tensor x, Tensor y) {
    long[] strides = Walk.strides(x.shape());
    long count = y.shape().size(1);
    long found = 0;
    for (long i = 0; i < x.elements(); i++) {
      if (x.getReal(i) != 0) {
        for (int axis = 0; axis < strides.length; axis++) {
          y.setInteger(axis * count + found, i / strides[axis] % x.shape().size(axis));
        }
        found++;
      }
    }
  }

  private static void reverse(List<Tensor> in, int batchAxis, int timeAxis, Tensor y) {
    Tensor x = in.getFirst();
    int batch = x.shape().axis(batchAxis).orElseThrow();
    int time = x.shape().axis(timeAxis).orElseThrow();
    long[] strides = Walk.strides(x.shape());
    for (long i = 0; i < x.elements(); i++) {
      long length = in.get(1).getInteger(i / strides[batch] % x.shape().size(batch));
      if (length < 0 || length > x.shape().size(time)) {
        throw new IllegalArgumentException(
            "a sequence of " + length + " elements along axis " + time + " of " + x.shape());
      }
      long at = i / strides[time] % x.shape().size(time);
      long from = at < length ? i + (length - 1 - 2 * at) * strides[time] : i;
      Walk.copy(x, from, y.data(), i);
    }
  }

  private static void trilu(List<Tensor> in, boolean upper, Tensor y) {
    Tensor x = in.getFirst();
    Tensor given = Reference.input(in, 1);
    long k = given == null ? 0 : given.getInteger(0);
    long columns = x.shape().size(x.shape().rank() - 1);
    long rows = x.shape().size(x.shape().rank() - 2);
    y.data().fill((byte) 0);
    for (long i = 0; i < x.elements(); i++) {
      long right = i % columns - i / columns % rows;
      if (upper ? right >= k : right <= k) {
        Walk.copy(x, i, y.data(), i);
      }
    }
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
