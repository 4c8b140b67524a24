package io.octet.internal.kernel.jvm;

import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.TensorDesc;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/// Permuted axes. Where the innermost axis stays innermost these are copies of runs; elsewhere the
/// two axes that are innermost on either side are exchanged in blocks that fit the cache.
final class Transposition implements Runnable {
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
  private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
  private static final long BLOCK = 32;

  /// An axis of the output: its size, and how far apart its elements lie in the input and output.
  private record Axis(long size, long inX, long inY) {}

  private final MemorySegment x;
  private final MemorySegment y;
  private final int width;

  /// The output's innermost axis.
  private final Axis last;

  /// The output's axis that is innermost in the input; null where that is {@link #last}.
  private final Axis first;

  private final long[] startsX;
  private final long[] startsY;

  Transposition(KernelSpec.Transpose spec, Buffers buffers) {
    this(spec.y(), stepsInX(spec), buffers);
  }

  /// A value in another layout; it keeps its bits.
  Transposition(KernelSpec.Convert spec, Buffers buffers) {
    this(spec.y(), spec.x().strides(), buffers);
  }

  /// @param stepsX how many elements of x a step along each axis of y skips
  private Transposition(TensorDesc to, long[] stepsX, Buffers buffers) {
    this.x = buffers.inputs().getFirst();
    this.y = buffers.output();
    this.width = to.type().bytes();
    List<Axis> axes = axes(to, stepsX);
    this.last = axes.isEmpty() ? new Axis(1, 1, 1) : axes.removeLast();
    Axis innermost = null;
    if (last.inX() != 1) {
      for (Axis axis : axes) {
        innermost = axis.inX() == 1 ? axis : innermost;
      }
    }
    this.first = innermost;
    axes.remove(innermost);
    long[] sizes = axes.stream().mapToLong(Axis::size).toArray();
    this.startsX = Strides.offsets(sizes, axes.stream().mapToLong(Axis::inX).toArray());
    this.startsY = Strides.offsets(sizes, axes.stream().mapToLong(Axis::inY).toArray());
  }

  private static long[] stepsInX(KernelSpec.Transpose spec) {
    long[] steps = spec.x().strides();
    return spec.perm().stream().mapToLong(axis -> steps[axis]).toArray();
  }

  /// The output's axes as they lie in memory, those of size 1 left out, neighbours that stay
  /// neighbours joined.
  private static List<Axis> axes(TensorDesc to, long[] stepsX) {
    long[] stepsY = to.strides();
    List<Axis> axes = new ArrayList<>();
    for (int i : to.layout().axes(stepsY.length)) {
      Axis axis = new Axis(to.shape().size(i), stepsX[i], stepsY[i]);
      if (axis.size() == 1) {
        continue;
      }
      if (!axes.isEmpty() && axes.getLast().inX() == axis.size() * axis.inX()) {
        axis = new Axis(axes.removeLast().size() * axis.size(), axis.inX(), axis.inY());
      }
      axes.add(axis);
    }
    return axes;
  }

  @Override
  public void run() {
    for (int i = 0; i < startsX.length; i++) {
      if (first == null) {
        MemorySegment.copy(x, startsX[i] * width, y, startsY[i] * width, last.size() * width);
      } else {
        exchange(startsX[i], startsY[i]);
      }
    }
  }

  private void exchange(long fromX, long fromY) {
    for (long p = 0; p < first.size(); p += BLOCK) {
      long endP = Math.min(first.size(), p + BLOCK);
      for (long q = 0; q < last.size(); q += BLOCK) {
        long endQ = Math.min(last.size(), q + BLOCK);
        for (long i = p; i < endP; i++) {
          line(fromX + i, fromY + i * first.inY(), q, endQ);
        }
      }
    }
  }

  /// Moves indices `from` to `to` (exclusive) of the last axis.
  private void line(long atX, long atY, long from, long to) {
    long step = last.inX();
    switch (width) {
      case 1 -> {
        for (long j = from; j < to; j++) {
          y.set(BYTE, atY + j, x.get(BYTE, atX + j * step));
        }
      }
      case 2 -> {
        for (long j = from; j < to; j++) {
          y.setAtIndex(SHORT, atY + j, x.getAtIndex(SHORT, atX + j * step));
        }
      }
      case 4 -> {
        for (long j = from; j < to; j++) {
          y.setAtIndex(INT, atY + j, x.getAtIndex(INT, atX + j * step));
        }
      }
      default -> {
        for (long j = from; j < to; j++) {
          y.setAtIndex(LONG, atY + j, x.getAtIndex(LONG, atX + j * step));
        }
      }
    }
  }
}
