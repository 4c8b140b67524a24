package io.octet.internal.reference;

import io.octet.graph.op.Reduction.ReduceMax;
import io.octet.graph.op.Reduction.ReduceMean;
import io.octet.graph.op.Reduction.ReduceMin;
import io.octet.graph.op.Reduction.ReduceProd;
import io.octet.graph.op.Reduction.ReduceSum;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.List;

/// One number for all elements along some axes. The mean of whole numbers loses its fraction.
final class Reduction {
  private Reduction() {}

  static void evaluate(io.octet.graph.op.Reduction op, List<Tensor> in, Tensor out) {
    long[] strides = Walk.strides(in.getFirst().shape());
    long[] kept = in.getFirst().shape().sizes();
    long[] inner = kept.clone();
    boolean[] reduced = axes(op, in, in.getFirst().shape());
    for (int i = 0; i < kept.length; i++) {
      (reduced[i] ? kept : inner)[i] = 1;
    }
    long count = io.octet.tensor.Shape.of(inner).elements();
    Cells x = new Cells(in.getFirst());
    Cells y = new Cells(out);
    Walk places = new Walk(kept, strides);
    for (long i = 0; i < y.count(); i++) {
      Group group = new Group(x, places.next(), new Walk(inner, strides), count);
      if (y.isReal()) {
        y.put(i, real(op, group));
      } else {
        y.put(i, whole(op, group, out.type()));
      }
    }
  }

  private static boolean[] axes(io.octet.graph.op.Reduction op, List<Tensor> in, Shape shape) {
    Tensor given = Reference.input(in, 1);
    boolean[] reduced = new boolean[shape.rank()];
    if (given == null || given.elements() == 0) {
      java.util.Arrays.fill(reduced, !op.noop());
      return reduced;
    }
    for (long i = 0; i < given.elements(); i++) {
      long axis = given.getInteger(i);
      reduced[shape.axis(axis).orElseThrow()] = true;
    }
    return reduced;
  }

  /// The elements that become one.
  private record Group(Cells x, long base, Walk walk, long count) {
    double real() {
      return x.real(base + walk.next());
    }

    long whole() {
      return x.whole(base + walk.next());
    }
  }

  private static double real(io.octet.graph.op.Reduction op, Group group) {
    double result =
        switch (op) {
          case ReduceMean _, ReduceSum _ -> 0;
          case ReduceProd _ -> 1;
          case ReduceMax _ -> Double.NEGATIVE_INFINITY;
          case ReduceMin _ -> Double.POSITIVE_INFINITY;
        };
    for (long k = 0; k < group.count; k++) {
      double x = group.real();
      result =
          switch (op) {
            case ReduceMean _, ReduceSum _ -> result + x;
            case ReduceProd _ -> result * x;
            case ReduceMax _ -> Math.max(result, x);
            case ReduceMin _ -> Math.min(result, x);
          };
    }
    return op instanceof ReduceMean ? result / group.count : result;
  }

  private static long whole(io.octet.graph.op.Reduction op, Group group, DataType type) {
    if (op instanceof ReduceMean && group.count == 0) {
      throw new IllegalArgumentException("no whole number is the mean of none");
    }
    long result =
        switch (op) {
          case ReduceMean _, ReduceSum _ -> 0;
          case ReduceProd _ -> 1;
          case ReduceMax _ -> (long) type.min();
          case ReduceMin _ -> (long) type.max();
        };
    for (long k = 0; k < group.count; k++) {
      long x = group.whole();
      result =
          switch (op) {
            case ReduceMean _, ReduceSum _ -> result + x;
            case ReduceProd _ -> result * x;
            case ReduceMax _ -> Math.max(result, x);
            case ReduceMin _ -> Math.min(result, x);
          };
    }
    return op instanceof ReduceMean ? result / group.count : result;
  }
}
