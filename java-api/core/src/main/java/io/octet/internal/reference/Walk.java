package io.octet.internal.reference;

import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/// Visits the elements of a shape in row-major order and says where each lies under other strides.
/// Transposing, slicing and broadcasting are such walks.
public final class Walk {
  private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

  private final long[] sizes;
  private final long[] steps;
  private final long[] index;
  private long at;

  /// A walk over `sizes` that begins at 0, a step along axis i moving by `steps[i]`.
  Walk(long[] sizes, long[] steps) {
    this.sizes = sizes;
    this.steps = steps;
    this.index = new long[sizes.length];
  }

  /// A walk over `to` that meets the elements of `from`, which broadcasts to it.
  static Walk broadcast(Shape from, Shape to) {
    return new Walk(to.sizes(), broadcastStrides(from, to));
  }

  /// Where the next element lies.
  long next() {
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

  /// numpy's broadcasting: shapes are aligned at their last axis, and an axis of size 1, or none,
  /// is repeated, which is a step of 0.
  static long[] broadcastStrides(Shape from, Shape to) {
    long[] own = strides(from);
    long[] steps = new long[to.rank()];
    for (int i = 0; i < own.length; i++) {
      steps[to.rank() - own.length + i] = from.size(i) == 1 ? 0 : own[i];
    }
    return steps;
  }

  /// The elements that a walk over `x` meets: the first lies at `offset`, and a step along axis i
  /// of `y` moves by `steps[i]` elements.
  static void pick(Tensor x, long offset, long[] steps, Tensor y) {
    Shape to = y.shape();
    int last = to.rank() - 1;
    long run = last < 0 ? 1 : to.size(last);
    long step = last < 0 ? 1 : steps[last];
    long[] outer = Arrays.copyOf(to.sizes(), Math.max(last, 0));
    Walk walk = new Walk(outer, Arrays.copyOf(steps, outer.length));
    long count = to.elements();
    for (long at = 0; at < count; at += run) {
      copy(x, offset + walk.next(), step, y.data(), at, run);
    }
  }

  private static void copy(Tensor x, long at, long step, MemorySegment to, long target, long run) {
    int width = x.type().bytes();
    if (step == 1) {
      MemorySegment.copy(x.data(), at * width, to, target * width, run * width);
      return;
    }
    for (long i = 0; i < run; i++) {
      copy(x, at + i * step, to, target + i);
    }
  }

  /// Copies one element, bit for bit.
  static void copy(Tensor x, long at, MemorySegment to, long target) {
    MemorySegment from = x.data();
    int width = x.type().bytes();
    long source = at * width;
    long place = target * width;
    switch (width) {
      case 1 -> to.set(BYTE, place, from.get(BYTE, source));
      case 2 -> to.set(SHORT, place, from.get(SHORT, source));
      case 4 -> to.set(INT, place, from.get(INT, source));
      default -> to.set(LONG, place, from.get(LONG, source));
    }
  }
}
