package io.octet.graph.op;

import static io.octet.tensor.DataType.BOOL;
import static io.octet.tensor.DataType.S32;
import static io.octet.tensor.DataType.S64;

import io.octet.graph.op.Traits.Axes;
import io.octet.graph.op.Traits.Values;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/// What picks elements by places or by truths.
public sealed interface Selection extends Op {
  /// The slices of data at `indices` along `axis`: data's shape with the axis replaced by those of
  /// the indices. Inputs: data, indices (s32 or s64; negative ones count from the end).
  record Gather(int axis) implements Selection {}

  /// Data from `starts` to `ends` (exclusive). Inputs: data, starts, ends, optional axes (the first
  /// ones where absent) and steps (1 where absent), each a vector of s32 or s64. A negative place
  /// counts from the end, and one beyond is the border.
  record Slice() implements Selection {}

  /// x where the condition holds, else y, under numpy's broadcasting. Inputs: condition (bool), X,
  /// Y.
  record Where() implements Selection {}

  /// What each member takes and gives.
  static List<Signature> signatures() {
    return List.of(
        Signature.of("Gather")
            .in("T", "data")
            .in("I", "indices")
            .out("T", "output")
            .where("T", Signature.ANY)
            .where("I", S32, S64),
        Signature.of("Slice")
            .in("T", "data")
            .in("I", "starts", "ends")
            .optional("I", "axes", "steps")
            .out("T", "output")
            .where("T", Signature.ANY)
            .where("I", S32, S64),
        Signature.of("Where")
            .since(9)
            .in("B", "condition")
            .in("T", "X", "Y")
            .out("T", "output")
            .where("B", BOOL)
            .where("T", Signature.ANY));
  }

  @Override
  default Traits traits() {
    return switch (this) {
      case Gather _, Slice _ -> Traits.of(Values.PICKED, Axes.ORDERED, signature().int8());
      case Where _ -> Traits.of(Values.PICKED, Axes.ELEMENTWISE, signature().int8());
    };
  }

  @Override
  default List<ValueInfo> results(Operands in) {
    return switch (this) {
      case Gather(int axis) -> gather(in, axis);
      case Slice _ -> slice(in);
      case Where _ -> in.result(in.type(1), in.broadcast(), chosen(in));
    };
  }

  private static List<ValueInfo> gather(Operands in, int axis) {
    Shape x = in.shape(0);
    int at = in.axis(0, axis);
    List<Dim> dims = new ArrayList<>(x.dims().subList(0, at));
    dims.addAll(in.shape(1).dims());
    dims.addAll(x.dims().subList(at + 1, x.rank()));
    Optional<List<Dim>> picked =
        in.values(0)
            .flatMap(
                data -> in.values(1).map(all -> all.stream().map(i -> at(in, data, i)).toList()));
    return in.result(in.type(0), new Shape(dims), picked);
  }

  private static Dim at(Operands in, List<Dim> data, Dim index) {
    if (index.number().isEmpty()) {
      return new Dim.Unknown("the element at a place that is not known");
    }
    long place = index.number().getAsLong();
    long from = place < 0 ? place + data.size() : place;
    if (from < 0 || from >= data.size()) {
      throw in.invalid("index " + place + " is not within " + data);
    }
    return data.get((int) from);
  }

  private static Optional<List<Dim>> chosen(Operands in) {
    return in.length().map(n -> IntStream.range(0, n).mapToObj(i -> chosen(in, i)).toList());
  }

  private static Dim chosen(Operands in, int i) {
    Dim condition = in.element(0, i);
    Dim x = in.element(1, i);
    Dim y = in.element(2, i);
    if (x.equals(y)) {
      return x;
    }
    return condition.number().isEmpty()
        ? new Dim.Unknown("a choice that is not known")
        : condition.equals(Dim.of(0)) ? y : x;
  }

  private static List<ValueInfo> slice(Operands in) {
    Shape y = in.shape(0);
    Optional<List<Dim>> values = in.values(0);
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
    Optional<List<Dim>> list = in.values(input);
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
