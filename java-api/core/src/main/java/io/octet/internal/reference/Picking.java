package io.octet.internal.reference;

import io.octet.graph.op.Selection.Meeting;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.List;

/// What reads from, or writes to, places that a tensor of indices names.
final class Picking {
  private Picking() {}

  static void gatherND(List<Tensor> in, int batchDims, Tensor y) {
    Tensor x = in.getFirst();
    Tuples tuples = new Tuples(in.get(1), x.shape(), batchDims);
    long batches = 1;
    for (int i = 0; i < batchDims; i++) {
      batches *= x.shape().size(i);
    }
    long ofBatch = batches == 0 ? 0 : tuples.count() / batches;
    long batch = batches == 0 ? 0 : x.elements() / batches;
    for (long i = 0; i < tuples.count(); i++) {
      long from = i / ofBatch * batch + tuples.place(i);
      for (long j = 0; j < tuples.slice(); j++) {
        Walk.copy(x, from + j, y.data(), i * tuples.slice() + j);
      }
    }
  }

  static void scatterND(List<Tensor> in, Meeting meeting, Tensor y) {
    y.data().copyFrom(in.getFirst().data());
    Tensor updates = in.get(2);
    Tuples tuples = new Tuples(in.get(1), y.shape(), 0);
    for (long i = 0; i < tuples.count(); i++) {
      long to = tuples.place(i);
      for (long j = 0; j < tuples.slice(); j++) {
        write(updates, i * tuples.slice() + j, meeting, y, to + j);
      }
    }
  }

  /// Indices of several axes each.
  private record Tuples(Tensor indices, Shape shape, int firstAxis) {
    int depth() {
      return (int) indices.shape().size(indices.shape().rank() - 1);
    }

    long count() {
      return indices.elements() / depth();
    }

    /// How many elements an index stands for.
    long slice() {
      return Walk.strides(shape)[firstAxis + depth() - 1];
    }

    /// Where those of index `i` begin.
    long place(long i) {
      long[] strides = Walk.strides(shape);
      long place = 0;
      for (int k = 0; k < depth(); k++) {
        int axis = firstAxis + k;
        place += index(indices, i * depth() + k, axis, shape) * strides[axis];
      }
      return place;
    }
  }

  static void gatherElements(List<Tensor> in, int axis, Tensor y) {
    Tensor x = in.getFirst();
    int at = x.shape().axis(axis).orElseThrow();
    Walk others = others(x.shape(), at, y.shape());
    long step = Walk.strides(x.shape())[at];
    for (long i = 0; i < y.elements(); i++) {
      long from = others.next() + index(in.get(1), i, at, x.shape()) * step;
      Walk.copy(x, from, y.data(), i);
    }
  }

  static void scatterElements(List<Tensor> in, int axis, Meeting meeting, Tensor y) {
    y.data().copyFrom(in.getFirst().data());
    int at = y.shape().axis(axis).orElseThrow();
    Walk others = others(y.shape(), at, in.get(1).shape());
    long step = Walk.strides(y.shape())[at];
    for (long i = 0; i < in.get(1).elements(); i++) {
      long to = others.next() + index(in.get(1), i, at, y.shape()) * step;
      write(in.get(2), i, meeting, y, to);
    }
  }

  /// A walk over `sizes` in a tensor of `shape`, which does not move along `axis`.
  private static Walk others(Shape shape, int axis, Shape sizes) {
    long[] steps = Walk.strides(shape);
    steps[axis] = 0;
    return new Walk(sizes.sizes(), steps);
  }

  private static long index(Tensor indices, long i, int axis, Shape shape) {
    long index = indices.getInteger(i);
    long place = index < 0 ? index + shape.size(axis) : index;
    if (place < 0 || place >= shape.size(axis)) {
      throw new IllegalArgumentException(
          "index " + index + " is not within axis " + axis + " of " + shape);
    }
    return place;
  }

  private static void write(Tensor from, long i, Meeting meeting, Tensor to, long at) {
    if (meeting == Meeting.NONE) {
      Walk.copy(from, i, to.data(), at);
      return;
    }
    Cells y = new Cells(to);
    if (y.isReal()) {
      y.put(at, real(meeting, y.real(at), new Cells(from).real(i)));
    } else {
      y.put(at, whole(meeting, y.whole(at), new Cells(from).whole(i)));
    }
  }

  private static double real(Meeting meeting, double a, double b) {
    return switch (meeting) {
      case NONE -> b;
      case ADD -> a + b;
      case MUL -> a * b;
      case MAX -> Math.max(a, b);
      case MIN -> Math.min(a, b);
    };
  }

  private static long whole(Meeting meeting, long a, long b) {
    return switch (meeting) {
      case NONE -> b;
      case ADD -> a + b;
      case MUL -> a * b;
      case MAX -> Math.max(a, b);
      case MIN -> Math.min(a, b);
    };
  }
}
