package io.octet.graph.op;

import static io.octet.tensor.DataType.S32;
import static io.octet.tensor.DataType.S64;

import io.octet.graph.op.Traits.Axes;
import io.octet.graph.op.Traits.Values;
import io.octet.tensor.DataType;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// What goes along one axis, element after element, and says which are largest, or what they sum up
/// to.
public sealed interface Scanning extends Op {
  /// The place of the largest element (s64). Input: data.
  ///
  /// @param keepDims whether the axis stays, with one element
  /// @param last whether the last of equal ones counts; else the first
  record ArgMax(int axis, boolean keepDims, boolean last) implements Scanning {}

  /// The place of the smallest element, as {@link ArgMax}.
  record ArgMin(int axis, boolean keepDims, boolean last) implements Scanning {}

  /// The largest elements, or the smallest ones, in their order, and the places where they were
  /// (s64). Of equal ones the first comes first. Inputs: data, how many (s64, one element).
  ///
  /// @param largest whether it is the largest ones
  record TopK(int axis, boolean largest) implements Scanning {}

  /// The sum of all elements up to each. Inputs: data, the axis (s32 or s64, one element).
  ///
  /// @param exclusive whether an element is no part of its own sum
  /// @param reverse whether it begins at the end
  record CumSum(boolean exclusive, boolean reverse) implements Scanning {}

  /// What each member takes and gives.
  static List<Signature> signatures() {
    return List.of(
        place("ArgMax"),
        place("ArgMin"),
        Signature.of("TopK")
            .alsoInt8()
            .in("T", "X")
            .in("I", "K")
            .out("T", "values")
            .out("I", "indices")
            .where("T", Signature.NUMBERS)
            .where("I", S64),
        Signature.of("CumSum")
            .since(11)
            .in("T", "x")
            .in("I", "axis")
            .out("T", "y")
            .where("T", DataType.F32, S32, S64, DataType.F16, DataType.BF16, DataType.F64)
            .where("I", S32, S64));
  }

  private static Signature place(String name) {
    return Signature.of(name)
        .in("T", "data")
        .out("I", "place")
        .where("T", Signature.NUMBERS)
        .where("I", S64);
  }

  @Override
  default Traits traits() {
    Values values =
        switch (this) {
          case ArgMax _, ArgMin _, CumSum _ -> Values.NEW;
          case TopK _ -> Values.PICKED;
        };
    return Traits.of(values, Axes.ORDERED, signature().int8());
  }

  @Override
  default List<ValueInfo> results(Operands in) {
    return switch (this) {
      case ArgMax(int axis, boolean keepDims, boolean _) -> place(in, axis, keepDims);
      case ArgMin(int axis, boolean keepDims, boolean _) -> place(in, axis, keepDims);
      case TopK(int axis, boolean _) -> top(in, axis);
      case CumSum _ -> {
        requireOne(in, "axis");
        in.values(1)
            .flatMap(axis -> axis.getFirst().number().stream().boxed().findFirst())
            .ifPresent(axis -> in.axis(0, axis));
        yield in.result(in.type(0), in.shape(0));
      }
    };
  }

  private static List<ValueInfo> place(Operands in, int axis, boolean keepDims) {
    int at = in.axis(0, axis);
    if (in.shape(0).dim(at).equals(Dim.of(0))) {
      throw in.invalid("axis " + axis + " of input " + in.shape(0) + " has no element");
    }
    List<Dim> dims = new ArrayList<>(in.shape(0).dims());
    if (keepDims) {
      dims.set(at, Dim.of(1));
    } else {
      dims.remove(at);
    }
    return in.result(S64, new Shape(dims));
  }

  private static List<ValueInfo> top(Operands in, int axis) {
    int at = in.axis(0, axis);
    requireOne(in, "K");
    Dim k = in.numbers(1).map(List::getFirst).orElse(new Dim.Unknown("a number that is not known"));
    long most = in.shape(0).dim(at).number().orElse(Long.MAX_VALUE);
    if (k.number().orElse(0) < 0 || k.number().orElse(0) > most) {
      throw in.invalid("there are no " + k + " elements along axis " + axis + " of " + in.shape(0));
    }
    Shape y = in.shape(0).with(at, k);
    return List.of(new ValueInfo("", in.type(0), y), new ValueInfo("", S64, y));
  }

  private static void requireOne(Operands in, String what) {
    Shape shape = in.shape(1);
    boolean one = shape.rank() == 0 || shape.rank() == 1 && shape.dim(0).mayEqual(Dim.of(1));
    if (!one) {
      throw in.invalid("its " + what + " \"" + in.get(1).name() + "\" is " + shape);
    }
  }
}
