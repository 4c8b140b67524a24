package io.octet.internal.reference;

import io.octet.graph.op.Reduction.ReduceL1;
import io.octet.graph.op.Reduction.ReduceL2;
import io.octet.graph.op.Reduction.ReduceLogSum;
import io.octet.graph.op.Reduction.ReduceLogSumExp;
import io.octet.graph.op.Reduction.ReduceMax;
import io.octet.graph.op.Reduction.ReduceMean;
import io.octet.graph.op.Reduction.ReduceMin;
import io.octet.graph.op.Reduction.ReduceProd;
import io.octet.graph.op.Reduction.ReduceSum;
import io.octet.graph.op.Reduction.ReduceSumSquare;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongBinaryOperator;

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
      Group group = new Group(x, places.next(), inner, strides, count);
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
  private record Group(Cells x, long base, long[] sizes, long[] strides, long count) {
    double sum(DoubleUnaryOperator function) {
      return fold(0, (a, x) -> a + function.applyAsDouble(x));
    }

    double fold(double none, DoubleBinaryOperator function) {
      Walk walk = new Walk(sizes, strides);
      double result = none;
      for (long k = 0; k < count; k++) {
        result = function.applyAsDouble(result, x.real(base + walk.next()));
      }
      return result;
    }

    long foldWhole(long none, LongBinaryOperator function) {
      Walk walk = new Walk(sizes, strides);
      long result = none;
      for (long k = 0; k < count; k++) {
        result = function.applyAsLong(result, x.whole(base + walk.next()));
      }
      return result;
    }
  }

  private static double real(io.octet.graph.op.Reduction op, Group group) {
    return switch (op) {
      case ReduceMean _ -> group.sum(x -> x) / group.count;
      case ReduceSum _ -> group.sum(x -> x);
      case ReduceProd _ -> group.fold(1, (a, x) -> a * x);
      case ReduceMax _ -> group.fold(Double.NEGATIVE_INFINITY, Math::max);
      case ReduceMin _ -> group.fold(Double.POSITIVE_INFINITY, Math::min);
      case ReduceL1 _ -> group.sum(Math::abs);
      case ReduceL2 _ -> Math.sqrt(group.sum(x -> x * x));
      case ReduceLogSum _ -> Math.log(group.sum(x -> x));
      case ReduceLogSumExp _ -> logSumExp(group);
      case ReduceSumSquare _ -> group.sum(x -> x * x);
    };
  }

  /// The largest is subtracted first, so that no exponential overflows.
  private static double logSumExp(Group group) {
    double max = group.fold(Double.NEGATIVE_INFINITY, Math::max);
    double shift = Double.isFinite(max) ? max : 0;
    return Math.log(group.sum(x -> Math.exp(x - shift))) + shift;
  }

  /// Whole where the definition is; roots and logarithms lose their fraction.
  private static long whole(io.octet.graph.op.Reduction op, Group group, DataType type) {
    return switch (op) {
      case ReduceMean _ -> mean(group);
      case ReduceSum _ -> group.foldWhole(0L, Long::sum);
      case ReduceProd _ -> group.foldWhole(1L, (a, x) -> a * x);
      case ReduceMax _ -> group.foldWhole((long) type.min(), Math::max);
      case ReduceMin _ -> group.foldWhole((long) type.max(), Math::min);
      case ReduceL1 _ -> group.foldWhole(0L, (a, x) -> a + Math.abs(x));
      case ReduceSumSquare _ -> group.foldWhole(0L, (a, x) -> a + x * x);
      case ReduceL2 _, ReduceLogSum _, ReduceLogSumExp _ -> (long) real(op, group);
    };
  }

  private static long mean(Group group) {
    if (group.count == 0) {
      throw new IllegalArgumentException("no whole number is the mean of none");
    }
    return group.foldWhole(0L, Long::sum) / group.count;
  }
}
