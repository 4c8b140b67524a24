package io.octet.graph.op;

import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/// Other shapes of the same elements in the same order.
final class Reshaped {
  private Reshaped() {}

  static Shape flatten(Operands in, int axis) {
    Shape x = in.shape(0);
    int at = axis == x.rank() ? axis : in.axis(0, axis);
    List<Dim> dims = x.dims();
    return new Shape(
        List.of(Dim.product(dims.subList(0, at)), Dim.product(dims.subList(at, x.rank()))));
  }

  static Shape reshape(Operands in, boolean allowZero) {
    Shape x = in.shape(0);
    List<Dim> wanted = in.sizes(1, "shape");
    List<Dim> dims = new ArrayList<>();
    int inferred = -1;
    for (int i = 0; i < wanted.size(); i++) {
      long size = wanted.get(i).number().orElse(1);
      if (size == -1 && inferred < 0) {
        inferred = i;
        dims.add(Dim.of(1));
      } else if (size == 0 && !allowZero && i < x.rank()) {
        dims.add(x.dim(i));
      } else if (size > 0 || size == 0 && allowZero) {
        dims.add(wanted.get(i));
      } else {
        throw cannotReshape(in, wanted);
      }
    }
    if (inferred >= 0) {
      dims.set(inferred, rest(x.dims(), dims).orElseThrow(() -> cannotReshape(in, wanted)));
    } else if (!Dim.product(x.dims()).mayEqual(Dim.product(dims))) {
      throw cannotReshape(in, wanted);
    }
    return new Shape(dims);
  }

  /// The product of `all` divided by that of `known`; nothing where that is no whole number.
  private static Optional<Dim> rest(List<Dim> all, List<Dim> known) {
    List<Dim> above = new ArrayList<>(all);
    List<Dim> below = new ArrayList<>(known);
    below.removeIf(dim -> !(dim instanceof Dim.Unknown) && above.remove(dim));
    Dim over = Dim.product(above);
    Dim under = Dim.product(below);
    long divisor = under.number().orElse(1);
    boolean whole = divisor != 0 && over.number().orElse(0) % divisor == 0;
    return whole ? Optional.of(over.dividedBy(under)) : Optional.empty();
  }

  private static RuntimeException cannotReshape(Operands in, List<Dim> wanted) {
    return in.invalid("input " + in.shape(0) + " cannot take shape " + wanted);
  }

  static Shape squeeze(Operands in) {
    Shape x = in.shape(0);
    Set<Integer> gone = new HashSet<>();
    if (in.has(1)) {
      List<Dim> axes = in.sizes(1, "axes");
      if (Operands.isOpen(axes)) {
        return Operands.open(x.rank() - axes.size(), "axes that are not known");
      }
      axes.forEach(axis -> gone.add(in.axis(0, number(in, axis))));
    } else {
      IntStream.range(0, x.rank()).filter(i -> x.dim(i).equals(Dim.of(1))).forEach(gone::add);
    }
    for (int axis : gone) {
      if (!x.dim(axis).mayEqual(Dim.of(1))) {
        throw in.invalid("axis " + axis + " of input " + x + " is not 1");
      }
    }
    return new Shape(
        IntStream.range(0, x.rank()).filter(i -> !gone.contains(i)).mapToObj(x::dim).toList());
  }

  static Shape unsqueeze(Operands in) {
    Shape x = in.shape(0);
    List<Dim> axes = in.sizes(1, "axes");
    int rank = x.rank() + axes.size();
    if (Operands.isOpen(axes)) {
      return Operands.open(rank, "axes that are not known");
    }
    Set<Integer> added = new HashSet<>();
    for (Dim axis : axes) {
      long given = number(in, axis);
      long at = given < 0 ? given + rank : given;
      if (at < 0 || at >= rank || !added.add((int) at)) {
        throw in.invalid("axes " + axes + " are not places of new axes in input " + x);
      }
    }
    List<Dim> dims = new ArrayList<>();
    int next = 0;
    for (int i = 0; i < rank; i++) {
      dims.add(added.contains(i) ? Dim.of(1) : x.dim(next++));
    }
    return new Shape(dims);
  }

  private static long number(Operands in, Dim axis) {
    return axis.number().orElseThrow(() -> in.unsupported("its axis " + axis + " is not known"));
  }
}
