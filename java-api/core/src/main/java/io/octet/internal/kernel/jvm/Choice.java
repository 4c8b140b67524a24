package io.octet.internal.kernel.jvm;

import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.KernelSpec;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// One of two values where a truth holds, under broadcasting: along the last axis, those before it
/// joined where all operands stay neighbours.
final class Choice implements Runnable {
  /// An axis of the result: its size, and how many elements of each operand a step skips.
  private record Axis(long size, long condition, long then, long otherwise) {
    boolean joins(Axis inner) {
      return condition == inner.size * inner.condition
          && then == inner.size * inner.then
          && otherwise == inner.size * inner.otherwise;
    }
  }

  /// More than an int counts.
  private static final long LONGEST = Integer.MAX_VALUE;

  private final MemorySegment condition;
  private final MemorySegment then;
  private final MemorySegment otherwise;
  private final MemorySegment y;
  private final int width;
  private final Axis last;
  private final long[] starts;
  private final long[] thenStarts;
  private final long[] otherwiseStarts;

  Choice(KernelSpec.Literal spec, Buffers buffers) {
    this.condition = buffers.inputs().get(0);
    this.then = buffers.inputs().get(1);
    this.otherwise = buffers.inputs().get(2);
    this.y = buffers.output();
    this.width = spec.y().type().bytes();
    long[] sizes = spec.y().shape().sizes();
    long[][] steps = new long[3][];
    for (int i = 0; i < steps.length; i++) {
      steps[i] = Strides.broadcast(spec.operands().get(i).shape().sizes(), sizes.length);
    }
    List<Axis> axes = new ArrayList<>();
    for (int i = 0; i < sizes.length; i++) {
      Axis axis = new Axis(sizes[i], steps[0][i], steps[1][i], steps[2][i]);
      if (!axes.isEmpty() && axes.getLast().joins(axis)) {
        long size = axes.removeLast().size() * axis.size();
        axis = new Axis(size, axis.condition(), axis.then(), axis.otherwise());
      }
      axes.add(axis);
    }
    this.last = axes.isEmpty() ? new Axis(1, 1, 1, 1) : axes.removeLast();
    long[] outer = axes.stream().mapToLong(Axis::size).toArray();
    this.starts = Strides.offsets(outer, axes.stream().mapToLong(Axis::condition).toArray());
    this.thenStarts = Strides.offsets(outer, axes.stream().mapToLong(Axis::then).toArray());
    this.otherwiseStarts =
        Strides.offsets(outer, axes.stream().mapToLong(Axis::otherwise).toArray());
  }

  @Override
  public void run() {
    for (int i = 0; i < starts.length; i++) {
      long to = i * last.size();
      switch (width) {
        case 1 -> bytes(starts[i], thenStarts[i], otherwiseStarts[i], to);
        case 2 -> shorts(starts[i], thenStarts[i], otherwiseStarts[i], to);
        case 4 -> ints(starts[i], thenStarts[i], otherwiseStarts[i], to);
        default -> longs(starts[i], thenStarts[i], otherwiseStarts[i], to);
      }
    }
  }

  private boolean holds(long at, long i) {
    return condition.get(Strided.BYTE, at + i * last.condition()) != 0;
  }

  private void bytes(long at, long p, long q, long to) {
    for (long i = 0; i < last.size(); i++) {
      byte a = then.get(Strided.BYTE, p + i * last.then());
      byte b = otherwise.get(Strided.BYTE, q + i * last.otherwise());
      y.set(Strided.BYTE, to + i, holds(at, i) ? a : b);
    }
  }

  private void shorts(long at, long p, long q, long to) {
    for (long i = 0; i < last.size(); i++) {
      short a = then.getAtIndex(Strided.SHORT, p + i * last.then());
      short b = otherwise.getAtIndex(Strided.SHORT, q + i * last.otherwise());
      y.setAtIndex(Strided.SHORT, to + i, holds(at, i) ? a : b);
    }
  }

  /// Counted by an int and along steps that stand in the code, loops need no checks.
  private void ints(long at, long p, long q, long to) {
    boolean dense = last.condition() == 1 && last.size() <= LONGEST;
    int size = (int) last.size();
    if (dense && last.then() == 0 && last.otherwise() == 1) {
      int a = then.getAtIndex(Strided.INT, p);
      for (int i = 0; i < size; i++) {
        int b = otherwise.getAtIndex(Strided.INT, q + i);
        y.setAtIndex(Strided.INT, to + i, condition.get(Strided.BYTE, at + i) != 0 ? a : b);
      }
    } else if (dense && last.then() == 1 && last.otherwise() == 0) {
      int b = otherwise.getAtIndex(Strided.INT, q);
      for (int i = 0; i < size; i++) {
        int a = then.getAtIndex(Strided.INT, p + i);
        y.setAtIndex(Strided.INT, to + i, condition.get(Strided.BYTE, at + i) != 0 ? a : b);
      }
    } else if (dense && last.then() == 1 && last.otherwise() == 1) {
      for (int i = 0; i < size; i++) {
        int a = then.getAtIndex(Strided.INT, p + i);
        int b = otherwise.getAtIndex(Strided.INT, q + i);
        y.setAtIndex(Strided.INT, to + i, condition.get(Strided.BYTE, at + i) != 0 ? a : b);
      }
    } else {
      for (long i = 0; i < last.size(); i++) {
        int a = then.getAtIndex(Strided.INT, p + i * last.then());
        int b = otherwise.getAtIndex(Strided.INT, q + i * last.otherwise());
        y.setAtIndex(Strided.INT, to + i, holds(at, i) ? a : b);
      }
    }
  }

  private void longs(long at, long p, long q, long to) {
    for (long i = 0; i < last.size(); i++) {
      long a = then.getAtIndex(Strided.LONG, p + i * last.then());
      long b = otherwise.getAtIndex(Strided.LONG, q + i * last.otherwise());
      y.setAtIndex(Strided.LONG, to + i, holds(at, i) ? a : b);
    }
  }
}
