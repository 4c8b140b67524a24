package io.octet.graph.op;

import static io.octet.tensor.DataType.S64;

import io.octet.graph.op.Traits.Axes;
import io.octet.graph.op.Traits.Values;
import io.octet.tensor.DataType;
import io.octet.tensor.Dim;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.LongStream;

/// What makes values of sizes and numbers, and reads no data.
public sealed interface Generation extends Op {
  /// The sizes of its input's axes from `start` to `end` (exclusive), as a vector of s64. Negative
  /// places count from the end, and those beyond are the border: all axes are `Shape(0,
  /// Integer.MAX_VALUE)`.
  record Shape(int start, int end) implements Generation {
    /// All axes.
    public Shape() {
      this(0, Integer.MAX_VALUE);
    }
  }

  /// The number of its input's elements, as an s64.
  record Size() implements Generation {}

  /// A value whose elements are all one number. Input: its shape.
  ///
  /// @param type the elements' type
  /// @param value that number; whole numbers beyond 2^53 have no such operator
  record ConstantOfShape(DataType type, double value) implements Generation {}

  /// start, start + delta, ..., to limit (exclusive). Inputs: start, limit, delta, each a scalar.
  record Range() implements Generation {}

  /// A matrix of 0 with 1 on a diagonal. Input: one of its shape.
  ///
  /// @param type the elements' type
  /// @param k which diagonal: 0 is the main one, 1 the one above it
  record EyeLike(DataType type, int k) implements Generation {}

  /// One number where an index is, and another elsewhere, along a new `axis`. Inputs: indices
  /// (negative ones count from the end, those beyond are nowhere), how long the axis is, and the
  /// two numbers: elsewhere, and at the index.
  record OneHot(int axis) implements Generation {}

  /// What each member takes and gives.
  static List<Signature> signatures() {
    return List.of(
        Signature.of("Shape")
            .in("T", "data")
            .out("I", "shape")
            .where("T", Signature.ANY)
            .where("I", S64),
        Signature.of("Size")
            .in("T", "data")
            .out("I", "size")
            .where("T", Signature.ANY)
            .where("I", S64),
        Signature.of("ConstantOfShape")
            .since(9)
            .in("I", "shape")
            .out("T", "output")
            .where("I", S64)
            .where("T", Signature.ANY),
        Signature.of("Range")
            .since(11)
            .in("T", "start", "limit", "delta")
            .out("T", "output")
            .where("T", DataType.F32, DataType.S32, S64, DataType.F64),
        Signature.of("EyeLike")
            .since(9)
            .in("T1", "input")
            .out("T2", "output")
            .where("T1", Signature.ANY)
            .where("T2", Signature.ANY),
        Signature.of("OneHot")
            .since(9)
            .in("T1", "indices")
            .in("T2", "depth")
            .in("T3", "values")
            .out("T3", "output")
            .where("T1", Signature.NUMBERS)
            .where("T2", Signature.NUMBERS)
            .where("T3", Signature.ANY));
  }

  @Override
  default Traits traits() {
    return Traits.of(Values.NEW, Axes.ORDERED, signature().int8());
  }

  @Override
  default List<ValueInfo> results(Operands in) {
    return switch (this) {
      case Shape(int start, int end) -> shape(in, start, end);
      case Size _ -> {
        Dim size = Dim.product(in.shape(0).dims());
        yield in.result(S64, io.octet.tensor.Shape.of(), Optional.of(List.of(size)));
      }
      case ConstantOfShape(DataType type, double value) -> filled(in, type, value);
      case Range _ -> range(in);
      case EyeLike(DataType type, int _) -> {
        if (in.shape(0).rank() != 2) {
          throw in.invalid("makes a matrix, but input 0 is " + in.shape(0));
        }
        yield in.result(type, in.shape(0));
      }
      case OneHot(int axis) -> oneHot(in, axis);
    };
  }

  private static List<ValueInfo> shape(Operands in, int start, int end) {
    List<Dim> dims = in.shape(0).dims();
    int from = border(start, dims.size());
    int to = Math.max(from, border(end, dims.size()));
    return in.result(S64, io.octet.tensor.Shape.of(to - from), Optional.of(dims.subList(from, to)));
  }

  private static int border(int place, int rank) {
    return Math.clamp(place < 0 ? (long) place + rank : place, 0, rank);
  }

  private static List<ValueInfo> filled(Operands in, DataType type, double value) {
    io.octet.tensor.Shape y = new io.octet.tensor.Shape(in.sizes(0, "shape"));
    boolean carried = y.rank() <= 1 && y.isConcrete() && y.elements() <= ValueInfo.MOST_VALUES;
    return in.result(
        type,
        y,
        carried
            ? Optional.of(Collections.nCopies((int) y.elements(), Dim.of((long) value)))
            : Optional.empty());
  }

  private static List<ValueInfo> oneHot(Operands in, int axis) {
    io.octet.tensor.Shape indices = in.shape(0);
    int rank = indices.rank() + 1;
    int at = axis < 0 ? axis + rank : axis;
    if (at < 0 || at >= rank) {
      throw in.invalid("axis " + axis + " is no place of a new axis in " + indices);
    }
    in.requireVector(2, "values", Dim.of(2));
    List<Dim> dims = new ArrayList<>(indices.dims());
    dims.add(at, depth(in));
    return in.result(in.type(2), new io.octet.tensor.Shape(dims));
  }

  private static Dim depth(Operands in) {
    if (in.shape(1).rank() > 1 || !in.shape(1).isConcrete() || in.shape(1).elements() != 1) {
      throw in.invalid("its depth \"" + in.get(1).name() + "\" is " + in.shape(1));
    }
    Dim depth =
        in.values(1)
            .map(List::getFirst)
            .or(() -> in.decided(1).map(t -> Dim.of((long) t.getReal(0))))
            .orElse(new Dim.Unknown("a depth that is not known"));
    if (depth.number().orElse(0) < 0) {
      throw in.invalid("its depth is " + depth);
    }
    return depth;
  }

  private static List<ValueInfo> range(Operands in) {
    for (int i = 0; i < 3; i++) {
      boolean one = in.shape(i).rank() == 1 && in.shape(i).dim(0).mayEqual(Dim.of(1));
      if (in.shape(i).rank() != 0 && !one) { // ONNX's own functions pass vectors of one.
        throw in.invalid("takes scalars, but \"" + in.get(i).name() + "\" is " + in.shape(i));
      }
    }
    if (in.type(0).isFloat()) {
      return in.result(in.type(0), new io.octet.tensor.Shape(List.of(realCount(in))));
    }
    Dim start = in.sizes(0, "start").getFirst();
    Dim limit = in.sizes(1, "limit").getFirst();
    OptionalLong step = in.sizes(2, "delta").getFirst().number();
    if (step.isEmpty()) {
      return in.result(
          in.type(0),
          new io.octet.tensor.Shape(List.of(new Dim.Unknown("a range of steps not known"))));
    }
    long delta = step.getAsLong();
    if (delta == 0) {
      throw in.invalid("its step is 0");
    }
    Dim way = delta > 0 ? limit.minus(start) : start.minus(limit);
    Dim steps = way.ceilDividedBy(Math.absExact(delta));
    Dim count = steps.number().orElse(0) < 0 ? Dim.of(0) : steps;
    boolean carried = count.number().orElse(Long.MAX_VALUE) <= ValueInfo.MOST_VALUES;
    return in.result(
        in.type(0),
        new io.octet.tensor.Shape(List.of(count)),
        carried
            ? Optional.of(
                LongStream.range(0, count.number().getAsLong())
                    .mapToObj(i -> start.plus(i * delta))
                    .toList())
            : Optional.empty());
  }

  private static Dim realCount(Operands in) {
    double[] numbers = new double[3];
    boolean known = true;
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = in.decided(i).map(t -> t.getReal(0)).orElse(0.0);
      known &= in.constant(i).isPresent();
    }
    if (!known) {
      return new Dim.Unknown("a range of numbers that are not known");
    }
    double count = Math.ceil((numbers[1] - numbers[0]) / numbers[2]);
    if (Double.isNaN(count) || count >= Long.MAX_VALUE) {
      throw in.invalid(
          "counts from " + numbers[0] + " to " + numbers[1] + " in steps of " + numbers[2]);
    }
    return Dim.of((long) Math.max(0, count));
  }
}
