package io.octet.internal.reference;

import io.octet.graph.op.Generation.ConstantOfShape;
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
