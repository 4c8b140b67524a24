package io.octet.internal.pass;

import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/// Moves the elements of constants, whatever their type: each result is a new tensor, row-major.
/// Shapes are checked by the callers, who can name the node.
public final class Rearrange {
  private Rearrange() {}

  /// The elements that a walk over `x` meets: the first lies at `offset`, and a step along axis i
  /// of `to` moves by `steps[i]` elements. Transposing, slicing and broadcasting are such walks.
  public static Tensor pick(Tensor x, Shape to, long offset, long[] steps) {
    int width = x.type().bytes();
    MemorySegment data = newSegment(Math.multiplyExact(to.elements(), (long) width));
    long count = to.elements();
    if (count > 0) {
      int last = to.rank() - 1;
      long run = last < 0 ? 1 : to.size(last);
      long step = last < 0 ? 1 : steps[last];
      long[] outer = Arrays.copyOf(to.sizes(), Math.max(last, 0));
      Walk walk = new Walk(outer, Arrays.copyOf(steps, outer.length));
      for (long at = 0; at < count; at += run) {
        copy(x.data(), offset + walk.next(), step, data, at, run, width);
      }
    }
    return Tensor.wrap(x.type(), to, data);
  }

  private static void copy(
      MemorySegment from, long at, long step, MemorySegment to, long target, long run, int width) {
    if (step == 1) {
      MemorySegment.copy(from, at * width, to, target * width, run * width);
      return;
    }
    for (long i = 0; i < run; i++) {
      long source = (at + i * step) * width;
      long place = (target + i) * width;
      switch (width) {
        case 1 -> to.set(ValueLayout.JAVA_BYTE, place, from.get(ValueLayout.JAVA_BYTE, source));
        case 4 ->
            to.set(
                ValueLayout.JAVA_INT_UNALIGNED,
                place,
                from.get(ValueLayout.JAVA_INT_UNALIGNED, source));
        default -> MemorySegment.copy(from, source, to, place, width);
      }
    }
  }

  /// `x` with its axes in the order `perm`; reversed where that is empty.
  public static Tensor transpose(Tensor x, List<Integer> perm) {
    int rank = x.shape().rank();
    long[] from = strides(x.shape());
    long[] sizes = new long[rank];
    long[] steps = new long[rank];
    for (int i = 0; i < rank; i++) {
      int axis = perm.isEmpty() ? rank - 1 - i : perm.get(i);
      sizes[i] = x.shape().size(axis);
      steps[i] = from[axis];
    }
    return pick(x, Shape.of(sizes), 0, steps);
  }

  /// `x` repeated along axes of size 1, or that it lacks in front, to the shape `to`.
  public static Tensor broadcast(Tensor x, Shape to) {
    return x.shape().equals(to) ? x : pick(x, to, 0, broadcastStrides(x.shape(), to));
  }

  /// Tensors of one type behind one another along `axis`.
  public static Tensor concat(List<Tensor> xs, Shape to, int axis) {
    MemorySegment data =
        newSegment(Math.multiplyExact(to.elements(), (long) xs.getFirst().type().bytes()));
    long rows = 1;
    for (int i = 0; i < axis; i++) {
      rows *= to.size(i);
    }
    long offset = 0;
    for (long row = 0; row < rows; row++) {
      for (Tensor x : xs) {
        long chunk = x.data().byteSize() / rows;
        MemorySegment.copy(x.data(), row * chunk, data, offset, chunk);
        offset += chunk;
      }
    }
    return Tensor.wrap(xs.getFirst().type(), to, data);
  }

  /// The slices of `x` at `indices` of an axis, in their order; `to` has the indices' axes in that
  /// axis' place.
  public static Tensor gather(Tensor x, Shape to, int axis, long[] indices) {
    long inner = strides(x.shape())[axis] * x.type().bytes();
    long block = inner * x.shape().size(axis);
    MemorySegment data = newSegment(Math.multiplyExact(to.elements(), (long) x.type().bytes()));
    long offset = 0;
    for (long start = 0; offset < data.byteSize(); start += block) {
      for (long index : indices) {
        MemorySegment.copy(x.data(), start + index * inner, data, offset, inner);
        offset += inner;
      }
    }
    return Tensor.wrap(x.type(), to, data);
  }

  /// Where `axis` of `from` lies in `to`, a shape of as many elements: nowhere if it is merged with
  /// others or split.
  public static OptionalInt axisAfterReshape(Shape from, int axis, Shape to) {
    long size = from.size(axis);
    long inner = strides(from)[axis];
    long[] steps = strides(to);
    for (int i = 0; i < steps.length; i++) {
      if (to.size(i) == size && steps[i] == inner) {
        return OptionalInt.of(i);
      }
    }
    return OptionalInt.empty();
  }

  /// Elements between neighbours along each axis.
  public static long[] strides(Shape shape) {
    long[] strides = new long[shape.rank()];
    long step = 1;
    for (int i = strides.length - 1; i >= 0; i--) {
      strides[i] = step;
      step *= shape.size(i);
    }
    return strides;
  }

  /// The steps with which a walk over `to` meets the elements of `from`, which broadcasts to it.
  public static long[] broadcastStrides(Shape from, Shape to) {
    long[] own = strides(from);
    long[] steps = new long[to.rank()];
    for (int i = 0; i < own.length; i++) {
      steps[to.rank() - own.length + i] = from.size(i) == 1 ? 0 : own[i];
    }
    return steps;
  }

  private static MemorySegment newSegment(long bytes) {
    return MemorySegment.ofArray(new byte[Math.toIntExact(bytes)]);
  }

  /// Visits the elements of a shape in row-major order and says where each lies under other
  /// strides.
  public static final class Walk {
    private final long[] sizes;
    private final long[] steps;
    private final long[] index;
    private long at;

    /// A walk over `sizes` with these steps.
    public Walk(long[] sizes, long[] steps) {
      this.sizes = sizes;
      this.steps = steps;
      this.index = new long[sizes.length];
    }

    /// Where the next element lies.
    public long next() {
      final long here = at;
      for (int i = sizes.length - 1; i >= 0; i--) {
        at += steps[i];
        if (++index[i] < sizes[i]) {
          break;
        }
        at -= steps[i] * sizes[i];
        index[i] = 0;
      }
      return here;
    }
  }
}
