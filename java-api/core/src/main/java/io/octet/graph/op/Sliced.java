package io.octet.graph.op;

import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.LongStream;

/// What a Slice leaves: of a shape, and of elements that are known.
final class Sliced {
  private Sliced() {}

  static List<ValueInfo> of(Operands in) {
    Shape y = in.shape(0);
    Optional<List<Dim>> values = in.values(0);
    if (in.has(3) && in.numbers(3).filter(list -> !Operands.isOpen(list)).isEmpty()) {
      for (int list : new int[] {1, 2, 4}) {
        in.numbers(list);
      }
      return in.result(in.type(0), Operands.open(y.rank(), "a slice of axes that are not known"));
    }
    List<Integer> axes = sliced(in);
    for (int i = 0; i < axes.size(); i++) {
      Dim size = y.dim(axes.get(i));
      OptionalLong step = in.has(4) ? listed(in, 4, i).number() : OptionalLong.of(1);
      if (step.equals(OptionalLong.of(0))) {
        throw in.invalid("a step is 0");
      }
      Dim start = listed(in, 1, i);
      Dim end = listed(in, 2, i);
      y =
          y.with(
              axes.get(i), step.isPresent() ? count(size, start, end, step.getAsLong()) : lost());
      values = values.flatMap(list -> cut(list, start, end, step));
    }
    return in.result(in.type(0), y, values);
  }

  private static Dim lost() {
    return new Dim.Unknown("a slice whose borders are not known");
  }

  /// The axes that are cut, counted from the front.
  private static List<Integer> sliced(Operands in) {
    OptionalLong length =
        in.shape(1).rank() == 1 ? in.shape(1).dim(0).number() : OptionalLong.empty();
    if (length.isEmpty()) {
      throw in.unsupported("how many axes it cuts is not known");
    }
    List<Integer> axes = new ArrayList<>();
    Set<Integer> distinct = new HashSet<>();
    for (int i = 0; i < length.getAsLong(); i++) {
      long axis = i;
      if (in.has(3)) {
        axis =
            listed(in, 3, i)
                .number()
                .orElseThrow(() -> in.unsupported("the axes that it cuts are not known"));
      }
      axes.add(in.axis(0, axis));
      if (!distinct.add(axes.getLast())) {
        throw in.invalid("cuts axis " + axis + " twice");
      }
    }
    return axes;
  }

  /// Element `i` of one of the lists, unknown where the list is.
  private static Dim listed(Operands in, int input, int i) {
    Optional<List<Dim>> list = in.numbers(input);
    if (list.isEmpty()) {
      return lost();
    }
    if (i >= list.get().size()) {
      throw in.invalid(
          "its lists have " + in.shape(1).dim(0) + " and " + list.get().size() + " elements");
    }
    return list.get().get(i);
  }

  /// How many elements of `size` are taken. Of a free axis, those that a slice takes that lies
  /// within it.
  private static Dim count(Dim size, Dim start, Dim end, long step) {
    if (size instanceof Dim.Fixed(long n)
        && start.number().isPresent()
        && end.number().isPresent()) {
      long first = first(start.number().getAsLong(), n, step);
      long last = last(end.number().getAsLong(), n, step);
      return Dim.of(taken(first, last, step));
    }
    if (step < 0) {
      return lost();
    }
    Dim first = placed(start, size);
    Dim last = placed(end, size);
    Dim taken = last.minus(first);
    boolean within = !(start.number().orElse(0) < 0) && !(taken.number().orElse(0) < 0);
    return within ? taken.ceilDividedBy(step) : lost();
  }

  private static long taken(long first, long last, long step) {
    long way = step > 0 ? last - first : first - last;
    return Math.max(0, Math.ceilDiv(way, Math.absExact(step)));
  }

  /// A place counted from the front.
  private static Dim placed(Dim place, Dim size) {
    OptionalLong number = place.number();
    if (number.isEmpty()) {
      return place;
    }
    long at = number.getAsLong();
    return at >= Integer.MAX_VALUE ? size : at < 0 ? size.plus(at) : place;
  }

  /// ONNX's reading of a start: beyond is the first element or, where steps go back, the last.
  private static long first(long start, long size, long step) {
    long at = start < 0 ? start + size : start;
    return step > 0 ? Math.clamp(at, 0, size) : Math.clamp(at, Math.min(0, size - 1), size - 1);
  }

  /// ONNX's reading of an end: beyond is the border, which lies before the first element where
  /// steps go back.
  private static long last(long end, long size, long step) {
    long at = end < 0 ? end + size : end;
    return step > 0 ? Math.clamp(at, 0, size) : Math.clamp(at, -1, size - 1);
  }

  private static Optional<List<Dim>> cut(List<Dim> list, Dim start, Dim end, OptionalLong step) {
    if (step.isEmpty() || start.number().isEmpty() || end.number().isEmpty()) {
      return Optional.empty();
    }
    long by = step.getAsLong();
    long first = first(start.number().getAsLong(), list.size(), by);
    long last = last(end.number().getAsLong(), list.size(), by);
    return Optional.of(
        LongStream.range(0, taken(first, last, by)) // multiplied, a large step does not wrap
            .mapToObj(i -> list.get((int) (first + i * by)))
            .toList());
  }
}
