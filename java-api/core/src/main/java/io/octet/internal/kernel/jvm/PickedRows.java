package io.octet.internal.kernel.jvm;

import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.TensorDesc;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/// The slices at the indices of an axis, each of them one run: rows of a table of embeddings.
final class PickedRows implements Runnable {
  private final MemorySegment x;
  private final MemorySegment y;
  private final Tensor indices;
  private final Shape shape;
  private final int axis;
  private final int width;

  /// How often the axis is gone through.
  private final long outer;

  private final long size;

  /// Elements of one slice.
  private final long inner;

  PickedRows(int axis, KernelSpec.Literal spec, Buffers buffers) {
    this.x = buffers.inputs().getFirst();
    this.y = buffers.output();
    TensorDesc list = spec.operands().get(1);
    MemorySegment memory = buffers.inputs().get(1).asSlice(0, list.bytes());
    this.indices = Tensor.wrap(list.type(), list.shape(), memory);
    this.shape = spec.operands().getFirst().shape();
    this.axis = axis < 0 ? axis + shape.rank() : axis;
    this.width = spec.y().type().bytes();
    this.size = shape.size(this.axis);
    this.inner = Strides.dense(shape.sizes())[this.axis];
    long before = 1;
    for (int i = 0; i < this.axis; i++) {
      before *= shape.size(i);
    }
    this.outer = before;
  }

  @Override
  public void run() {
    long count = indices.elements();
    long to = 0;
    for (long start = 0; start < outer * size * inner; start += size * inner) {
      for (long i = 0; i < count; i++) {
        long from = start + place(indices.getInteger(i)) * inner;
        if (inner == 1) {
          element(from, to);
        } else {
          MemorySegment.copy(x, from * width, y, to * width, inner * width);
        }
        to += inner;
      }
    }
  }

  private long place(long index) {
    long place = index < 0 ? index + size : index;
    if (place < 0 || place >= size) {
      throw new IllegalArgumentException(
          "index " + index + " is not within axis " + axis + " of " + shape);
    }
    return place;
  }

  private void element(long from, long to) {
    switch (width) {
      case 1 -> y.set(Strided.BYTE, to, x.get(Strided.BYTE, from));
      case 2 -> y.setAtIndex(Strided.SHORT, to, x.getAtIndex(Strided.SHORT, from));
      case 4 -> y.setAtIndex(Strided.INT, to, x.getAtIndex(Strided.INT, from));
      default -> y.setAtIndex(Strided.LONG, to, x.getAtIndex(Strided.LONG, from));
    }
  }
}
