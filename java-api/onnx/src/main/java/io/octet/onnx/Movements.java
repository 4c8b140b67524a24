package io.octet.onnx;

import io.octet.internal.pass.Rearrange;
import io.octet.internal.reference.Walk;
import io.octet.onnx.op.Known;
import io.octet.onnx.op.NodeView;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/// Operators that only move elements, on constants of any type.
final class Movements {
  /// What is computed here.
  static final Set<String> OPERATORS =
      Set.of(
          "Identity",
          "Reshape",
          "Flatten",
          "Squeeze",
          "Unsqueeze",
          "Transpose",
          "Slice",
          "Gather",
          "Concat",
          "Expand");

  private final NodeView node;
  private final Inputs in;
  private final FoldBudget budget;

  Movements(NodeView node, Inputs in, FoldBudget budget) {
    this.node = node;
    this.in = in;
    this.budget = budget;
  }

  Known evaluate() {
    return switch (node.type()) {
      case "Identity" -> in.only();
      case "Reshape" -> reshape();
      case "Flatten" -> flatten();
      case "Squeeze" -> squeeze();
      case "Unsqueeze" -> unsqueeze();
      case "Transpose" -> transpose();
      case "Slice" -> slice();
      case "Gather" -> gather();
      case "Concat" -> concat();
      case "Expand" -> expand();
      default -> throw node.invalid("moves nothing");
    };
  }

  private Known x() {
    return in.get(0);
  }

  private Shape shape() {
    return x().shape();
  }

  private Known as(Shape shape) {
    return x().moved(x().stored().reshape(shape));
  }

  private Known reshape() {
    in.require(2, 2);
    boolean allowZero = node.flag("allowzero", false);
    long[] wanted = in.integers(1);
    long[] sizes = wanted.clone();
    int inferred = -1;
    long others = 1;
    for (int i = 0; i < sizes.length; i++) {
      if (sizes[i] == 0 && !allowZero && i < shape().rank()) {
        sizes[i] = shape().size(i);
      }
      if (sizes[i] == -1 && inferred < 0) {
        inferred = i;
      } else if (sizes[i] < 0) {
        throw cannotTake(wanted);
      } else {
        others = Math.multiplyExact(others, sizes[i]);
      }
    }
    long elements = x().stored().elements();
    if (inferred >= 0) {
      if (others == 0) {
        throw cannotTake(wanted);
      }
      sizes[inferred] = elements / others;
      others *= sizes[inferred];
    }
    if (others != elements) {
      throw cannotTake(wanted);
    }
    return as(Shape.of(sizes));
  }

  private RuntimeException cannotTake(long[] wanted) {
    return node.invalid("input " + shape() + " cannot take shape " + Arrays.toString(wanted));
  }

  private Known flatten() {
    in.require(1, 1);
    int axis = node.int32("axis", 1);
    int at = axis < 0 ? axis + shape().rank() : axis;
    if (at < 0 || at > shape().rank()) {
      throw node.invalid("axis " + axis + " is not one of input " + shape());
    }
    long[] sizes = shape().sizes();
    long rows = Arrays.stream(sizes).limit(at).reduce(1, Math::multiplyExact);
    return as(Shape.of(rows, Arrays.stream(sizes).skip(at).reduce(1, Math::multiplyExact)));
  }

  private Known squeeze() {
    Set<Integer> axes = axes(shape().rank());
    List<Long> sizes = new ArrayList<>();
    for (int i = 0; i < shape().rank(); i++) {
      boolean goes = axes == null ? shape().size(i) == 1 : axes.contains(i);
      if (goes && shape().size(i) != 1) {
        throw node.invalid("axis " + i + " of " + shape() + " is not 1");
      }
      if (!goes) {
        sizes.add(shape().size(i));
      }
    }
    return as(Shape.of(sizes.stream().mapToLong(Long::longValue).toArray()));
  }

  private Known unsqueeze() {
    int count = axisList() == null ? 0 : axisList().length;
    int rank = shape().rank() + count;
    Set<Integer> axes = axes(rank);
    if (axes == null || axes.size() != count) {
      throw node.invalid("has no axes, or one twice");
    }
    long[] sizes = new long[rank];
    int from = 0;
    for (int i = 0; i < rank; i++) {
      sizes[i] = axes.contains(i) ? 1 : shape().size(from++);
    }
    return as(Shape.of(sizes));
  }

  /// An attribute until opset 12, an input since.
  private long[] axisList() {
    if (node.opset() < 13) {
      int[] axes = node.integers("axes");
      in.require(1, 1);
      return axes == null ? null : Arrays.stream(axes).asLongStream().toArray();
    }
    in.require(1, 2);
    return in.has(1) ? in.integers(1) : null;
  }

  private Set<Integer> axes(int rank) {
    long[] list = axisList();
    if (list == null) {
      return null;
    }
    Set<Integer> axes = new TreeSet<>();
    for (long axis : list) {
      axes.add(axis(axis, rank));
    }
    return axes;
  }

  private int axis(long axis, int rank) {
    long at = axis < 0 ? axis + rank : axis;
    if (at < 0 || at >= rank) {
      throw node.invalid("axis " + axis + " is not one of " + rank);
    }
    return (int) at;
  }

  private Known transpose() {
    in.require(1, 1);
    int[] given = node.integers("perm");
    List<Integer> perm = given == null ? List.of() : Arrays.stream(given).boxed().toList();
    List<Integer> axes = IntStream.range(0, shape().rank()).boxed().toList();
    if (given != null && !perm.stream().sorted().toList().equals(axes)) {
      throw node.invalid("perm " + perm + " does not order the axes of " + shape());
    }
    take(shape());
    return x().moved(Rearrange.transpose(x().stored(), perm));
  }

  /// Starts, ends, axes and steps are inputs since opset 10, attributes before.
  private Known slice() {
    boolean attributes = node.opset() < 10;
    in.require(attributes ? 1 : 3, attributes ? 1 : 5);
    long[] starts = attributes ? longs("starts") : in.integers(1);
    long[] ends = attributes ? longs("ends") : in.integers(2);
    long[] axes = attributes ? longs("axes") : in.has(3) ? in.integers(3) : null;
    long[] by = !attributes && in.has(4) ? in.integers(4) : null;
    boolean alike =
        starts != null
            && ends != null
            && starts.length == ends.length
            && starts.length <= shape().rank()
            && (axes == null || axes.length == starts.length)
            && (by == null || by.length == starts.length);
    if (!alike) {
      throw node.invalid("its starts, ends, axes and steps are not as many as each other");
    }
    long[] sizes = shape().sizes();
    long[] steps = Walk.strides(shape());
    long offset = 0;
    for (int i = 0; i < starts.length; i++) {
      int axis = axes == null ? i : axis(axes[i], sizes.length);
      long step = by == null ? 1 : by[i];
      if (step == 0 || step == Long.MIN_VALUE) {
        throw node.invalid("a slice in steps of " + step);
      }
      long size = shape().size(axis);
      long least = step < 0 ? -1 : 0;
      long most = step < 0 ? size - 1 : size;
      long from = Math.clamp(fromEnd(starts[i], size), step < 0 ? Math.min(0, most) : 0, most);
      long to = Math.clamp(fromEnd(ends[i], size), least, most);
      long room = step < 0 ? from - to : to - from;
      sizes[axis] = size == 0 || room <= 0 ? 0 : (room - 1) / Math.abs(step) + 1;
      offset += from * steps[axis];
      steps[axis] = sizes[axis] > 1 ? steps[axis] * step : steps[axis];
    }
    Shape to = Shape.of(sizes);
    take(to);
    return x().moved(Rearrange.pick(x().stored(), to, offset, steps));
  }

  /// A negative start or end counts from the end.
  private static long fromEnd(long index, long size) {
    return index < 0 ? index + size : index;
  }

  private long[] longs(String attribute) {
    var found = node.find(attribute, ai.onnx.proto.OnnxMl.AttributeProto.AttributeType.INTS);
    return found == null ? null : found.getIntsList().stream().mapToLong(Long::longValue).toArray();
  }

  private Known gather() {
    in.require(2, 2);
    int axis = axis(node.integer("axis", 0), shape().rank());
    long size = shape().size(axis);
    long[] indices = in.integers(1);
    for (int i = 0; i < indices.length; i++) {
      long at = indices[i] < 0 ? indices[i] + size : indices[i];
      if (at < 0 || at >= size) {
        throw node.invalid(
            "index " + indices[i] + " is not within axis " + axis + " of " + shape());
      }
      indices[i] = at;
    }
    List<Long> sizes = new ArrayList<>();
    for (int i = 0; i < shape().rank(); i++) {
      if (i == axis) {
        Arrays.stream(in.get(1).shape().sizes()).forEach(sizes::add);
      } else {
        sizes.add(shape().size(i));
      }
    }
    Shape to = Shape.of(sizes.stream().mapToLong(Long::longValue).toArray());
    take(to);
    return x().moved(Rearrange.gather(x().stored(), to, axis, indices));
  }

  private Known concat() {
    in.require(1, Integer.MAX_VALUE);
    if (!node.has("axis")) {
      throw node.invalid("has no attribute \"axis\"");
    }
    int axis = axis(node.integer("axis", 0), shape().rank());
    long[] sizes = shape().sizes();
    sizes[axis] = 0;
    List<Tensor> parts = new ArrayList<>();
    for (int i = 0; i < in.size(); i++) {
      if (in.has(i)) {
        parts.add(part(i, axis, sizes));
      }
    }
    Shape to = Shape.of(sizes);
    take(to);
    return x().moved(Rearrange.concat(parts, to, axis));
  }

  private Tensor part(int input, int axis, long[] sizes) {
    Known part = in.get(input);
    boolean fits = part.type() == x().type() && part.shape().rank() == sizes.length;
    for (int i = 0; fits && i < sizes.length; i++) {
      fits = i == axis || part.shape().size(i) == sizes[i];
    }
    if (!fits) {
      throw node.invalid("does not join " + x() + " with " + part + " along axis " + axis);
    }
    sizes[axis] = Math.addExact(sizes[axis], part.shape().size(axis));
    return part.stored();
  }

  private Known expand() {
    in.require(2, 2);
    long[] wanted = in.integers(1);
    if (Arrays.stream(wanted).anyMatch(n -> n < 0)) {
      throw node.invalid("expands to " + Arrays.toString(wanted));
    }
    Shape to = new Arithmetic(node, budget).broadcast(shape(), Shape.of(wanted));
    take(to);
    return x().moved(Rearrange.broadcast(x().stored(), to));
  }

  private void take(Shape shape) {
    budget.take(node, shape, x().stored().type());
  }
}
