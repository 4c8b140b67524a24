package io.octet.internal.reference;

import io.octet.graph.op.Scanning.ArgMax;
import io.octet.graph.op.Scanning.ArgMin;
import io.octet.graph.op.Scanning.CumSum;
import io.octet.graph.op.Scanning.TopK;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/// What goes along one axis.
final class Scanning {
  private Scanning() {}

  static void evaluate(io.octet.graph.op.Scanning op, List<Tensor> in, List<Tensor> out) {
    Tensor x = in.getFirst();
    Tensor y = out.getFirst();
    switch (op) {
      case ArgMax(int axis, boolean _, boolean last) -> place(x, axis, true, last, y);
      case ArgMin(int axis, boolean _, boolean last) -> place(x, axis, false, last, y);
      case TopK(int axis, boolean largest) -> top(x, axis, largest, out);
      case CumSum(boolean exclusive, boolean reverse) ->
          sums(x, (int) in.get(1).getInteger(0), exclusive, reverse, y);
    }
  }

  /// The elements along one axis at one place of the others.
  private record Line(Cells x, long start, long step) {
    /// All lines of `x`, in the order of a result without that axis.
    static Line of(Tensor x, int axis, long number) {
      long step = Walk.strides(x.shape())[axis];
      long size = x.shape().size(axis);
      return new Line(new Cells(x), number / step * step * size + number % step, step);
    }

    long at(long i) {
      return start + i * step;
    }

    /// Negative where element `i` is the smaller one. Not a number is the largest.
    int compare(long i, long j) {
      return x.isReal()
          ? Double.compare(x.real(at(i)) + 0.0, x.real(at(j)) + 0.0) // 0 is -0
          : Long.compare(x.whole(at(i)), x.whole(at(j)));
    }
  }

  private static int axis(Tensor x, int axis) {
    Shape shape = x.shape();
    return shape
        .axis(axis)
        .orElseThrow(
            () -> new IllegalArgumentException("axis " + axis + " is not one of " + shape));
  }

  private static void place(Tensor x, int axis, boolean largest, boolean last, Tensor y) {
    int at = axis(x, axis);
    for (long number = 0; number < y.elements(); number++) {
      Line line = Line.of(x, at, number);
      long best = 0;
      for (long i = 1; i < x.shape().size(at); i++) {
        int order = largest ? line.compare(i, best) : line.compare(best, i);
        if (order > 0 || order == 0 && last) {
          best = i;
        }
      }
      y.setInteger(number, best);
    }
  }

  private static void top(Tensor x, int axis, boolean largest, List<Tensor> out) {
    int at = axis(x, axis);
    Tensor y = out.getFirst();
    long k = y.shape().size(at);
    long lines = k == 0 ? 0 : y.elements() / k;
    for (long number = 0; number < lines; number++) {
      Line line = Line.of(x, at, number);
      Comparator<Long> before = largest ? (i, j) -> line.compare(j, i) : line::compare;
      List<Long> places = first(k, x.shape().size(at), before);
      Line to = Line.of(y, at, number);
      for (int i = 0; i < k; i++) {
        Walk.copy(x, line.at(places.get(i)), y.data(), to.at(i));
        if (out.size() > 1) {
          out.get(1).setInteger(to.at(i), places.get(i));
        }
      }
    }
  }

  /// The first `k` of the places below `size` in that order; of equal ones the first comes first.
  /// No more than these are kept, for an axis may be long where `k` is small.
  private static List<Long> first(long k, long size, Comparator<Long> before) {
    Comparator<Long> order = before.thenComparing(Comparator.naturalOrder());
    PriorityQueue<Long> kept = new PriorityQueue<>(order.reversed());
    for (long place = 0; place < size; place++) {
      if (kept.size() < k) {
        kept.add(place);
      } else if (order.compare(place, kept.element()) < 0) {
        kept.remove();
        kept.add(place);
      }
    }
    return kept.stream().sorted(order).toList();
  }

  private static void sums(Tensor x, int axis, boolean exclusive, boolean reverse, Tensor out) {
    int at = axis(x, axis);
    Cells y = new Cells(out);
    long size = x.shape().size(at);
    for (long number = 0; number < (size == 0 ? 0 : x.elements() / size); number++) {
      Line line = Line.of(x, at, number);
      double real = 0;
      long whole = 0;
      for (long n = 0; n < size; n++) {
        long i = line.at(reverse ? size - 1 - n : n);
        double realBefore = real;
        long wholeBefore = whole;
        real += y.isReal() ? line.x().real(i) : 0;
        whole += y.isReal() ? 0 : line.x().whole(i);
        if (y.isReal()) {
          y.put(i, exclusive ? realBefore : real);
        } else {
          y.put(i, exclusive ? wholeBefore : whole);
        }
      }
    }
  }
}
