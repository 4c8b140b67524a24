package io.octet.graph.op;

import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// Shapes of what is picked from, or written to, places that a tensor of indices names.
final class Places {
  private Places() {}

  static Shape gatherND(Operands in, int batchDims) {
    Shape x = in.shape(0);
    Shape indices = in.shape(1);
    if (batchDims < 0 || batchDims >= Math.min(x.rank(), indices.rank())) {
      throw in.invalid(batchDims + " axes of " + x + " and " + indices + " belong together");
    }
    for (int i = 0; i < batchDims; i++) {
      requireEqual(in, x, indices, i, i);
    }
    int depth = depth(in, x.rank() - batchDims);
    List<Dim> dims = new ArrayList<>(indices.dims().subList(0, indices.rank() - 1));
    dims.addAll(x.dims().subList(batchDims + depth, x.rank()));
    return new Shape(dims);
  }

  /// How many axes an index has.
  private static int depth(Operands in, int most) {
    Shape indices = in.shape(1);
    if (indices.rank() == 0) {
      throw in.invalid("its indices are a scalar");
    }
    Dim last = indices.dim(indices.rank() - 1);
    long depth =
        last.number().orElseThrow(() -> in.unsupported("how long its indices are is not known"));
    if (depth < 1 || depth > most) {
      throw in.invalid("indices of " + depth + " axes, but input " + in.shape(0));
    }
    return (int) depth;
  }

  private static void requireEqual(Operands in, Shape a, Shape b, int axisA, int axisB) {
    if (!a.dim(axisA).mayEqual(b.dim(axisB))) {
      throw in.invalid("axis " + axisA + " of " + a + " is not axis " + axisB + " of " + b);
    }
  }

  static Shape gatherElements(Operands in, int axis) {
    int at = in.axis(0, axis);
    requireRank(in, 1);
    Shape x = in.shape(0);
    for (int i = 0; i < x.rank(); i++) {
      long most = x.dim(i).number().orElse(Long.MAX_VALUE);
      if (i != at && in.shape(1).dim(i).number().orElse(0) > most) {
        throw in.invalid("indices " + in.shape(1) + " go beyond input " + x);
      }
    }
    return in.shape(1);
  }

  private static void requireRank(Operands in, int input) {
    if (in.shape(input).rank() != in.shape(0).rank()) {
      throw in.invalid("input " + in.shape(0) + " with " + in.shape(input) + " of another rank");
    }
  }

  static Shape scatterElements(Operands in, int axis) {
    gatherElements(in, axis);
    requireRank(in, 2);
    for (int i = 0; i < in.shape(0).rank(); i++) {
      requireEqual(in, in.shape(1), in.shape(2), i, i);
    }
    return in.shape(0);
  }

  static Shape scatterND(Operands in) {
    Shape x = in.shape(0);
    int depth = depth(in, x.rank());
    int places = in.shape(1).rank() - 1;
    Shape updates = in.shape(2);
    if (updates.rank() != places + x.rank() - depth) {
      throw in.invalid("updates " + updates + " for places " + in.shape(1) + " of " + x);
    }
    for (int i = 0; i < updates.rank(); i++) {
      boolean place = i < places;
      requireEqual(in, updates, place ? in.shape(1) : x, i, place ? i : i - places + depth);
    }
    return x;
  }
}
