package io.octet.graph.op;

import static io.octet.tensor.DataType.S64;

import io.octet.graph.op.Traits.Axes;
import io.octet.graph.op.Traits.Values;
import io.octet.tensor.DataType;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BinaryOperator;

/// What takes all elements along some axes together. Inputs: data, optional axes (s64), all axes
/// where they are absent or none, unless `noop` says that none are none. An axis that is reduced
/// has one element after, or goes where `keepDims` does not hold.
public sealed interface Reduction extends Op {
  /// The mean.
  record ReduceMean(boolean keepDims, boolean noop) implements Reduction {}

  /// The sum; 0 of none.
  record ReduceSum(boolean keepDims, boolean noop) implements Reduction {}

  /// The product; 1 of none.
  record ReduceProd(boolean keepDims, boolean noop) implements Reduction {}

  /// The largest.
  record ReduceMax(boolean keepDims, boolean noop) implements Reduction {}

  /// The smallest.
  record ReduceMin(boolean keepDims, boolean noop) implements Reduction {}

  /// The sum of magnitudes.
  record ReduceL1(boolean keepDims, boolean noop) implements Reduction {}

  /// The square root of the sum of squares.
  record ReduceL2(boolean keepDims, boolean noop) implements Reduction {}

  /// The logarithm of the sum.
  record ReduceLogSum(boolean keepDims, boolean noop) implements Reduction {}

  /// The logarithm of the sum of exponentials.
  record ReduceLogSumExp(boolean keepDims, boolean noop) implements Reduction {}

  /// The sum of squares.
  record ReduceSumSquare(boolean keepDims, boolean noop) implements Reduction {}

  /// Whether axes of one element are kept.
  boolean keepDims();

  /// Whether an empty list of axes means no axis.
  boolean noop();

  /// What each member takes and gives.
  static List<Signature> signatures() {
    return List.of(
        reduction("ReduceMean", Signature.NUMBERS),
        reduction("ReduceSum", Signature.NUMBERS),
        reduction("ReduceProd", Signature.NUMBERS),
        reduction("ReduceMax", Signature.ANY),
        reduction("ReduceMin", Signature.ANY),
        reduction("ReduceL1", Signature.NUMBERS),
        reduction("ReduceL2", Signature.NUMBERS),
        reduction("ReduceLogSum", Signature.NUMBERS),
        reduction("ReduceLogSumExp", Signature.NUMBERS),
        reduction("ReduceSumSquare", Signature.NUMBERS));
  }

  private static Signature reduction(String name, Set<DataType> types) {
    return Signature.of(name)
        .since(1)
        .in("T", "data")
        .optional("I", "axes")
        .out("T", "reduced")
        .where("T", types)
        .where("I", S64);
  }

  @Override
  default Traits traits() {
    Values values =
        switch (this) {
          case ReduceMean _ -> Values.AVERAGED;
          case ReduceSum _, ReduceProd _, ReduceSumSquare _ -> Values.NEW;
          case ReduceL1 _, ReduceL2 _, ReduceLogSum _, ReduceLogSumExp _ -> Values.NEW;
          case ReduceMax _, ReduceMin _ -> Values.PICKED;
        };
    return Traits.of(values, Axes.ORDERED, signature().int8());
  }

  @Override
  default List<ValueInfo> results(Operands in) {
    Shape x = in.shape(0);
    if (in.has(1) && keepDims() && in.numbers(1).isEmpty()) {
      return in.result(in.type(0), Operands.open(x.rank(), "axes that are not known"));
    }
    List<Dim> given = in.has(1) ? in.sizes(1, "axes") : List.of();
    if (Operands.isOpen(given)) {
      return in.result(
          in.type(0), Operands.open(x.rank() - given.size(), "axes that are not known"));
    }
    Set<Integer> axes = axes(in);
    List<Dim> dims = new ArrayList<>();
    for (int i = 0; i < x.rank(); i++) {
      if (!axes.contains(i)) {
        dims.add(x.dim(i));
      } else if (keepDims()) {
        dims.add(Dim.of(1));
      }
    }
    return in.result(in.type(0), new Shape(dims), values(in, axes));
  }

  /// The axes that are reduced, counted from the front.
  default Set<Integer> axes(Operands in) {
    List<Dim> given = in.has(1) ? in.sizes(1, "axes") : List.of();
    Set<Integer> axes = new TreeSet<>();
    for (Dim axis : given) {
      long number =
          axis.number()
              .orElseThrow(() -> in.unsupported("its axes " + given + " are not constant"));
      axes.add(in.axis(0, number));
    }
    if (given.isEmpty() && !noop()) {
      for (int i = 0; i < in.shape(0).rank(); i++) {
        axes.add(i);
      }
    }
    return axes;
  }

  private Optional<List<Dim>> values(Operands in, Set<Integer> axes) {
    BinaryOperator<Dim> function =
        switch (this) {
          case ReduceMean _, ReduceL1 _, ReduceL2 _ -> null;
          case ReduceLogSum _, ReduceLogSumExp _, ReduceSumSquare _ -> null;
          case ReduceSum _ -> Dim::plus;
          case ReduceProd _ -> Dim::times;
          case ReduceMax _ -> Dim::max;
          case ReduceMin _ -> Dim::min;
        };
    if (function == null) {
      return Optional.empty();
    }
    if (axes.isEmpty()) {
      return in.values(0);
    }
    try {
      return in.values(0).flatMap(list -> list.stream().reduce(function)).map(List::of);
    } catch (ArithmeticException _) {
      return Optional.empty(); // A run lets it wrap.
    }
  }
}
