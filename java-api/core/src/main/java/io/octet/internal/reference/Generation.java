package io.octet.internal.reference;

import io.octet.graph.op.Generation.ConstantOfShape;
import io.octet.graph.op.Generation.EyeLike;
import io.octet.graph.op.Generation.OneHot;
import io.octet.graph.op.Generation.Range;
import io.octet.graph.op.Generation.Shape;
import io.octet.graph.op.Generation.Size;
import io.octet.tensor.DataType;
import io.octet.tensor.Tensor;
import java.util.List;

/// What is made of sizes and numbers alone.
final class Generation {
  private Generation() {}

  static void evaluate(io.octet.graph.op.Generation op, List<Tensor> in, Tensor out) {
    Cells y = new Cells(out);
    switch (op) {
      case Shape(int start, int _) -> shape(in.getFirst().shape().sizes(), start, y);
      case Size() -> y.put(0, in.getFirst().elements());
      case ConstantOfShape(DataType _, double value) -> fill(y, value);
      case EyeLike(DataType _, int k) -> eye(out.shape().size(0), out.shape().size(1), k, y);
      case OneHot(int axis) -> oneHot(in, axis, out);
      case Range() -> range(new Cells(in.get(0)), new Cells(in.get(2)), y);
    }
  }

  private static void shape(long[] sizes, int start, Cells y) {
    int first = Math.clamp(start < 0 ? start + sizes.length : start, 0, sizes.length);
    for (int i = 0; i < y.count(); i++) {
      y.put(i, sizes[first + i]);
    }
  }

  private static void fill(Cells y, double value) {
    for (long i = 0; i < y.count(); i++) {
      y.put(i, value);
    }
  }

  private static void eye(long rows, long columns, int k, Cells y) {
    fill(y, 0);
    for (long i = 0; i < rows; i++) {
      if (i + k >= 0 && i + k < columns) {
        y.put(i * columns + i + k, 1L);
      }
    }
  }

  private static void oneHot(List<Tensor> in, int axis, Tensor y) {
    int at = axis < 0 ? axis + y.shape().rank() : axis;
    long depth = y.shape().size(at);
    long inner = Walk.strides(y.shape())[at];
    Cells indices = new Cells(in.getFirst());
    Tensor values = in.get(2);
    for (long i = 0; i < y.elements(); i++) {
      Walk.copy(values, 0, y.data(), i);
    }
    for (long i = 0; i < indices.count(); i++) {
      long index = indices.whole(i);
      long place = index < 0 ? index + depth : index;
      if (place >= 0 && place < depth) {
        Walk.copy(values, 1, y.data(), (i / inner * depth + place) * inner + i % inner);
      }
    }
  }

  private static void range(Cells start, Cells step, Cells y) {
    for (long i = 0; i < y.count(); i++) {
      if (y.isReal()) {
        y.put(i, start.real(0) + i * step.real(0));
      } else {
        y.put(i, start.whole(0) + i * step.whole(0));
      }
    }
  }
}
