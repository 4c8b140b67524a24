package io.octet.internal.kernel.jvm;

import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.TensorDesc;
import io.octet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// A slice: where it begins, and its steps, are read in each run.
final class Slicing implements Runnable {
  private final MemorySegment x;
  private final MemorySegment y;
  private final Tensor starts;

  /// Which axes are cut, null for the first ones, and in which steps, null for 1.
  private final Tensor axes;

  private final Tensor by;
  private final long[] sizesX;
  private final long[] sizesY;
  private final long[] own;
  private final long[] dense;
  private final long[] steps;
  private final Strided copy;

  Slicing(KernelSpec.Literal spec, Buffers buffers) {
    List<MemorySegment> memory = spec.operands(buffers.inputs());
    this.x = memory.getFirst();
    this.y = buffers.output();
    this.starts = list(spec, memory, 1);
    this.axes = list(spec, memory, 3);
    this.by = list(spec, memory, 4);
    this.sizesX = spec.operands().getFirst().shape().sizes();
    this.sizesY = spec.y().shape().sizes();
    this.own = Strides.dense(sizesX);
    this.dense = Strides.dense(sizesY);
    this.steps = new long[own.length];
    this.copy = new Strided(own.length, spec.y().type().bytes());
  }

  private static Tensor list(KernelSpec.Literal spec, List<MemorySegment> memory, int index) {
    TensorDesc desc = index < spec.operands().size() ? spec.operands().get(index) : null;
    return desc == null
        ? null
        : Tensor.wrap(desc.type(), desc.shape(), memory.get(index).asSlice(0, desc.bytes()));
  }

  @Override
  public void run() {
    System.arraycopy(own, 0, steps, 0, own.length);
    long offset = 0;
    for (int i = 0; i < starts.elements(); i++) {
      int given = axes == null ? i : (int) axes.getInteger(i);
      int axis = given < 0 ? given + own.length : given;
      long step = by == null ? 1 : by.getInteger(i);
      long size = sizesX[axis];
      long start = starts.getInteger(i);
      long from = start < 0 ? start + size : start;
      offset += Math.clamp(from, 0, Math.max(0, step < 0 ? size - 1 : size)) * own[axis];
      steps[axis] *= step;
    }
    copy.clear();
    for (int axis = 0; axis < own.length; axis++) {
      copy.axis(sizesY[axis], steps[axis], dense[axis]);
    }
    copy.copy(x, offset, y, 0);
  }
}
