package io.octet.graph.op;

import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/// What a Split makes: shapes, and the elements that are known, of pieces along an axis.
final class Pieces {
  private Pieces() {}

  static List<ValueInfo> split(Operands in, int axis, int parts) {
    Shape x = in.shape(0);
    List<Dim> sizes = parts > 0 ? equal(in, x.dim(axis), parts) : given(in, x.dim(axis));
    if (sizes.size() != in.outputs()) {
      throw in.invalid("makes " + sizes.size() + " pieces, but has " + in.outputs() + " outputs");
    }
    List<ValueInfo> pieces = new ArrayList<>();
    int from = 0;
    for (Dim size : sizes) {
      int to = from + (int) Math.min(size.number().orElse(0), ValueInfo.MOST_VALUES);
      int first = from;
      Optional<List<Dim>> values =
          in.values(0).filter(list -> to <= list.size()).map(list -> list.subList(first, to));
      pieces.addAll(in.result(in.type(0), x.with(axis, size), values));
      from = to;
    }
    return pieces;
  }

  /// As many as the node has outputs, at most.
  private static List<Dim> equal(Operands in, Dim all, int parts) {
    if (parts > in.outputs()) {
      throw in.invalid("makes " + parts + " pieces, but has " + in.outputs() + " outputs");
    }
    Dim piece = all.ceilDividedBy(parts);
    Dim last = all.minus(piece.times(Dim.of(parts - 1)));
    if (last.number().orElse(0) < 0) {
      throw in.invalid("axis of " + all + " has no " + parts + " pieces of one size");
    }
    List<Dim> sizes = new ArrayList<>(Collections.nCopies(parts - 1, piece));
    sizes.add(parts == 1 ? all : last);
    return sizes;
  }

  private static List<Dim> given(Operands in, Dim all) {
    if (!in.has(1)) {
      throw in.invalid("has neither sizes nor a number of pieces");
    }
    Optional<List<Dim>> known = in.numbers(1);
    if (known.isEmpty()) {
      return Collections.nCopies(in.outputs(), new Dim.Unknown("pieces of sizes not known"));
    }
    List<Dim> sizes = known.get();
    Dim sum = Dim.of(0);
    for (Dim size : sizes) {
      if (size.number().orElse(0) < 0) {
        throw in.invalid("its sizes " + sizes + " are no sizes");
      }
      sum = sum.plus(size);
      in.requireShort(List.of(sum)); // Here, because each term copies those before it.
    }
    if (!sum.mayEqual(all)) {
      throw in.invalid("its sizes " + sizes + " are not " + all + " together");
    }
    return sizes;
  }
}
