package io.octet.internal.kernel.jvm;

import io.octet.graph.op.Movement.Pad;
import io.octet.graph.op.Movement.PadMode;
import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.TensorDesc;
import io.octet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// What stands beside data, and the data: along the innermost axis that is padded the data are one
/// run, and each place beside them is another; where an outer axis has no data all is filled.
final class Padding implements Runnable {
  private final Pad op;
  private final MemorySegment x;
  private final MemorySegment y;
  private final Tensor pads;

  /// What it pads with, or null.
  private final MemorySegment fill;

  /// Which axes are padded, where an operand says it; else null.
  private final Tensor given;

  private final int width;
  private final int[] axes;
  private final long[] sizesX;
  private final long[] sizesY;
  private final long[] stepsX;
  private final long[] begins;
  private final long[] index;

  Padding(Pad op, KernelSpec.Literal spec, Buffers buffers) {
    TensorDesc data = spec.operands().getFirst();
    this.op = op;
    List<MemorySegment> memory = spec.operands(buffers.inputs());
    this.x = memory.getFirst();
    this.y = buffers.output();
    TensorDesc list = spec.operands().get(1);
    this.pads = Tensor.wrap(list.type(), list.shape(), memory.get(1).asSlice(0, list.bytes()));
    this.fill = memory.size() > 2 ? memory.get(2) : null;
    TensorDesc chosen = memory.size() > 3 ? spec.operands().get(3) : null;
    this.given =
        chosen == null
            ? null
            : Tensor.wrap(chosen.type(), chosen.shape(), memory.get(3).asSlice(0, chosen.bytes()));
    this.width = data.type().bytes();
    this.sizesX = data.shape().sizes();
    this.sizesY = spec.y().shape().sizes();
    this.stepsX = Strides.dense(sizesX);
    int rank = sizesX.length;
    int all = op.axes().isEmpty() ? rank : op.axes().size();
    this.axes = new int[given == null ? all : Math.toIntExact(given.elements())];
    for (int i = 0; i < axes.length && given == null; i++) {
      int axis = op.axes().isEmpty() ? i : op.axes().get(i);
      axes[i] = axis < 0 ? axis + rank : axis;
    }
    this.begins = new long[rank];
    this.index = new long[rank];
  }

  @Override
  public void run() {
    for (int i = 0; i < axes.length; i++) {
      if (given != null) {
        axes[i] = Math.floorMod(given.getInteger(i), sizesX.length);
      }
      begins[axes[i]] = pads.getInteger(i);
    }
    int last = sizesX.length - 1;
    long unit = 1; // elements that belong together behind the innermost axis that is padded
    while (last >= 0 && begins[last] == 0 && sizesX[last] == sizesY[last]) {
      unit *= sizesX[last--];
    }
    long rows = unit == 0 ? 0 : 1;
    for (int axis = 0; axis <= last; axis++) {
      rows *= axis < last ? sizesY[axis] : Math.min(1, sizesY[axis]);
    }
    if (last < 0) {
      MemorySegment.copy(x, 0, y, 0, unit * width);
      return;
    }
    long to = 0;
    for (long row = 0; row < rows; row++) {
      long from = 0;
      for (int axis = 0; axis < last && from >= 0; axis++) {
        long source = op.mode().source(index[axis] - begins[axis], sizesX[axis]);
        from = source < 0 ? -1 : from + source * stepsX[axis];
      }
      row(from, to, last, unit);
      to += sizesY[last] * unit;
      for (int axis = last - 1; axis >= 0 && ++index[axis] == sizesY[axis]; axis--) {
        index[axis] = 0;
      }
    }
  }

  /// @param from where the data of this row begin, or -1 where it has none
  private void row(long from, long to, int axis, long unit) {
    long size = sizesY[axis];
    if (from < 0) {
      fill(to, size * unit);
      return;
    }
    long first = Math.clamp(begins[axis], 0, size);
    long end = Math.clamp(begins[axis] + sizesX[axis], first, size);
    beside(from, to, axis, unit, 0, first);
    long skipped = Math.max(0, -begins[axis]);
    if (end > first) {
      MemorySegment.copy(
          x,
          (from + skipped * unit) * width,
          y,
          (to + first * unit) * width,
          (end - first) * unit * width);
    }
    beside(from, to, axis, unit, end, size);
  }

  private void beside(long from, long to, int axis, long unit, long first, long end) {
    if (op.mode() == PadMode.CONSTANT) {
      fill(to + first * unit, (end - first) * unit);
      return;
    }
    for (long i = first; i < end; i++) {
      long source = op.mode().source(i - begins[axis], sizesX[axis]);
      MemorySegment.copy(
          x, (from + source * unit) * width, y, (to + i * unit) * width, unit * width);
    }
  }

  private void fill(long at, long count) {
    switch (width) {
      case 1 -> {
        byte value = fill == null ? (byte) op.fill() : fill.get(Strided.BYTE, 0);
        for (long i = at; i < at + count; i++) {
          y.set(Strided.BYTE, i, value);
        }
      }
      case 2 -> {
        short value = fill == null ? 0 : fill.get(Strided.SHORT, 0);
        for (long i = at; i < at + count; i++) {
          y.setAtIndex(Strided.SHORT, i, value);
        }
      }
      case 4 -> {
        int value = fill == null ? 0 : fill.get(Strided.INT, 0);
        for (long i = at; i < at + count; i++) {
          y.setAtIndex(Strided.INT, i, value);
        }
      }
      default -> {
        long value = fill == null ? 0 : fill.get(Strided.LONG, 0);
        for (long i = at; i < at + count; i++) {
          y.setAtIndex(Strided.LONG, i, value);
        }
      }
    }
  }
}
