package io.octet.graph.op;

import static io.octet.tensor.DataType.BOOL;
import static io.octet.tensor.DataType.S32;
import static io.octet.tensor.DataType.S64;

import io.octet.graph.op.Traits.Axes;
import io.octet.graph.op.Traits.Values;
import io.octet.tensor.DataType;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
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

  /// The elements, or slices, at the places that the last axis of `indices` names: data's axes from
  /// `batchDims` on are indexed, and those before it belong together with those of the indices.
  /// Inputs: data, indices (s64; negative ones count from the end).
  record GatherND(int batchDims) implements Selection {}

  /// For each of `indices`, the element at that place of `axis` and at its own place of the other
  /// axes. Inputs: data, indices of data's rank (s32 or s64; negative ones count from the end).
  record GatherElements(int axis) implements Selection {}

  /// Data with `updates` at the places that the last axis of `indices` names. Inputs: data, indices
  /// (s64; negative ones count from the end), updates.
  record ScatterND(Meeting meeting) implements Selection {}

  /// Data with each of `updates` at the place of `axis` that `indices` names and at its own place
  /// of the other axes. Inputs: data, indices (s32 or s64; negative ones count from the end),
  /// updates, all of one rank.
  record ScatterElements(int axis, Meeting meeting) implements Selection {}

  /// What becomes of an element that is written to where another stands.
  enum Meeting {
    /// It takes the place.
    NONE,
    /// They are added.
    ADD,
    /// They are multiplied.
    MUL,
    /// The larger stays.
    MAX,
    /// The smaller stays.
    MIN
  }

  /// The slices along `axis` for which a condition holds, or, where it is `flat`, such elements.
  /// Inputs: data, condition (bool, a vector, maybe shorter than the axis).
  record Compress(int axis, boolean flat) implements Selection {}

  /// The places of all elements that are not 0: [rank, how many]. Input: data.
  record NonZero() implements Selection {}

  /// Of each sequence along `timeAxis` the first elements in reverse order, and the others as they
  /// are. Inputs: data, the sequences' lengths (s64, for each place of `batchAxis`).
  record ReverseSequence(int batchAxis, int timeAxis) implements Selection {}

  /// Matrices with 0 below a diagonal (`upper`) or above it. Inputs: data, which diagonal (s64, a
  /// scalar, 0 where absent: the main one; 1 is the one above it).
  record Trilu(boolean upper) implements Selection {}

  /// What each member takes and gives.
  static List<Signature> signatures() {
    return List.of(
        Signature.of("Gather")
            .alsoInt8()
            .in("T", "data")
            .in("I", "indices")
            .out("T", "output")
            .where("T", Signature.ANY)
            .where("I", S32, S64),
        Signature.of("Slice")
            .alsoInt8()
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
            .where("T", Signature.ANY),
        indexed("GatherND", S64).alsoInt8(),
        indexed("GatherElements", S32, S64).alsoInt8(),
        indexed("ScatterND", S64).in("T", "updates"),
        indexed("ScatterElements", S32, S64).in("T", "updates"),
        any("Compress").since(9).alsoInt8().in("T", "input").in("B", "condition").where("B", BOOL),
        Signature.of("NonZero")
            .since(9)
            .in("T", "X")
            .out("I", "places")
            .where("T", Signature.ANY)
            .where("I", S64),
        any("ReverseSequence")
            .since(10)
            .alsoInt8()
            .in("T", "input")
            .in("I", "lengths")
            .where("I", S64),
        any("Trilu").since(14).in("T", "input").optional("I", "k").where("I", S64));
  }

  private static Signature indexed(String name, DataType index, DataType... others) {
    return any(name)
        .since(11)
        .in("T", "data")
        .in("I", "indices")
        .where("I", EnumSet.of(index, others));
  }

  private static Signature any(String name) {
    return Signature.of(name).out("T", "output").where("T", Signature.ANY);
  }

  @Override
  default Traits traits() {
    return switch (this) {
      case Gather _, Slice _, GatherND _, GatherElements _, Compress _, ReverseSequence _ ->
          Traits.of(Values.PICKED, Axes.ORDERED, signature().int8());
      case ScatterND(Meeting meeting) -> scattered(meeting);
      case ScatterElements(int _, Meeting meeting) -> scattered(meeting);
      case NonZero _, Trilu _ -> Traits.of(Values.NEW, Axes.ORDERED, signature().int8());
      case Where _ -> Traits.of(Values.PICKED, Axes.ELEMENTWISE, signature().int8());
    };
  }

  private Traits scattered(Meeting meeting) {
    Values values =
        switch (meeting) {
          case NONE, MAX, MIN -> Values.PICKED;
          case ADD, MUL -> Values.NEW;
        };
    return Traits.of(values, Axes.ORDERED, signature().int8());
  }

  @Override
  default List<ValueInfo> results(Operands in) {
    return switch (this) {
      case Gather(int axis) -> gather(in, axis);
      case Slice _ -> Sliced.of(in);
      case Where _ -> in.result(in.type(1), in.broadcast(), chosen(in));
      case GatherND(int batchDims) -> in.result(in.type(0), Places.gatherND(in, batchDims));
      case GatherElements(int axis) -> in.result(in.type(0), Places.gatherElements(in, axis));
      case ScatterND _ -> in.result(in.type(0), Places.scatterND(in));
      case ScatterElements(int axis, Meeting _) ->
          in.result(in.type(0), Places.scatterElements(in, axis));
      case Compress(int axis, boolean flat) -> in.result(in.type(0), compress(in, axis, flat));
      case NonZero _ -> nonZero(in);
      case ReverseSequence(int batchAxis, int timeAxis) -> reversed(in, batchAxis, timeAxis);
      case Trilu _ -> {
        if (in.shape(0).rank() < 2) {
          throw in.invalid("needs matrices, but input 0 is " + in.shape(0));
        }
        yield in.result(in.type(0), in.shape(0));
      }
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

  private static Shape compress(Operands in, int axis, boolean flat) {
    Shape x = in.shape(0);
    if (in.shape(1).rank() != 1) {
      throw in.invalid("takes its condition as a vector, but it is " + in.shape(1));
    }
    int at = flat ? 0 : in.axis(0, axis);
    Dim all = flat ? Dim.product(x.dims()) : x.dim(at);
    Dim taken =
        in.decided(1)
            .map(
                t ->
                    Dim.of(
                        LongStream.range(0, t.elements())
                            .filter(i -> t.getInteger(i) != 0)
                            .count()))
            .orElse(new Dim.Unknown("how many elements a condition holds for"));
    long most = all.number().orElse(Long.MAX_VALUE);
    if (in.shape(1).dim(0).number().orElse(0) > most) {
      throw in.invalid("its condition " + in.shape(1) + " is longer than " + all);
    }
    return flat ? new Shape(List.of(taken)) : x.with(at, taken);
  }

  private static List<ValueInfo> nonZero(Operands in) {
    Dim rank = Dim.of(in.shape(0).rank());
    Dim count =
        in.decided(0)
            .map(
                t ->
                    Dim.of(
                        LongStream.range(0, t.elements()).filter(i -> t.getReal(i) != 0).count()))
            .orElse(new Dim.Unknown("how many elements are not 0"));
    return in.result(S64, new Shape(List.of(rank, count)));
  }

  private static List<ValueInfo> reversed(Operands in, int batchAxis, int timeAxis) {
    int batch = in.axis(0, batchAxis);
    if (batch == in.axis(0, timeAxis)) {
      throw in.invalid("batch and time are axis " + batch);
    }
    in.requireVector(1, "lengths", in.shape(0).dim(batch));
    return in.result(in.type(0), in.shape(0));
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
}
