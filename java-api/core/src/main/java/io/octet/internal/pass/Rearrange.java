package io.octet.internal.pass;

import io.octet.graph.op.Movement;
import io.octet.internal.reference.Reference;
import io.octet.internal.reference.Walk;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.OptionalInt;

/// Moves the elements of constants, whatever their type: each result is a new tensor, row-major.
/// Shapes are checked by the callers, who can name the node.
public final class Rearrange {
  private Rearrange() {}

  /// The elements that a walk over `x` meets: the first lies at `offset`, and a step along axis i
  /// of `to` moves by `steps[i]` elements. Transposing, slicing and broadcasting are such walks.
  public static Tensor pick(Tensor x, Shape to, long offset, long[] steps) {
    Tensor y = allocate(x.type(), to);
    Walk.pick(x, offset, steps, y);
    return y;
  }

  /// `x` with its axes in the order `perm`; reversed where that is empty.
  public static Tensor transpose(Tensor x, List<Integer> perm) {
    int rank = x.shape().rank();
    long[] sizes = new long[rank];
    for (int i = 0; i < rank; i++) {
      sizes[i] = x.shape().size(perm.isEmpty() ? rank - 1 - i : perm.get(i));
    }
    Shape to = Shape.of(sizes);
    Tensor y = allocate(x.type(), to);
    Reference.evaluate(new Movement.Transpose(perm), List.of(x), List.of(y));
    return y;
  }

  /// `x` repeated along axes of size 1, or that it lacks in front, to the shape `to`.
  public static Tensor broadcast(Tensor x, Shape to) {
    return x.shape().equals(to) ? x : pick(x, to, 0, Walk.broadcastStrides(x.shape(), to));
  }

  /// Tensors of one type behind one another along `axis`.
  public static Tensor concat(List<Tensor> xs, Shape to, int axis) {
    Tensor y = allocate(xs.getFirst().type(), to);
    Reference.evaluate(new Movement.Concat(axis), xs, List.of(y));
    return y;
  }

  /// The slices of `x` at `indices` of an axis, in their order; `to` has the indices' axes in that
  /// axis' place.
  public static Tensor gather(Tensor x, Shape to, int axis, long[] indices) {
    long inner = Walk.strides(x.shape())[axis] * x.type().bytes();
    long block = inner * x.shape().size(axis);
    Tensor y = allocate(x.type(), to);
    MemorySegment data = y.data();
    long offset = 0;
    for (long start = 0; offset < data.byteSize(); start += block) {
      for (long index : indices) {
        MemorySegment.copy(x.data(), start + index * inner, data, offset, inner);
        offset += inner;
      }
    }
    return y;
  }

  /// Where `axis` of `from` lies in `to`, a shape of as many elements: nowhere if it is merged with
  /// others or split.
  public static OptionalInt axisAfterReshape(Shape from, int axis, Shape to) {
    long size = from.size(axis);
    long inner = Walk.strides(from)[axis];
    long[] steps = Walk.strides(to);
    for (int i = 0; i < steps.length; i++) {
      if (to.size(i) == size && steps[i] == inner) {
        return OptionalInt.of(i);
      }
    }
    return OptionalInt.empty();
  }

  /// A new tensor of zeros.
  static Tensor allocate(DataType type, Shape shape) {
    int count = Math.toIntExact(shape.elements());
    MemorySegment data =
        switch (type.bytes()) {
          case 1 -> MemorySegment.ofArray(new byte[count]);
          case 2 -> MemorySegment.ofArray(new short[count]);
          case 4 -> MemorySegment.ofArray(new int[count]);
          default -> MemorySegment.ofArray(new long[count]);
        };
    return Tensor.wrap(type, shape, data);
  }
}
