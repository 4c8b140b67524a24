package io.octet.internal.kernel.jvm;

import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.KernelSpec;
import io.octet.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Softmax along any axis, or its logarithm: each line is gathered, and scattered when it is done.
final class Softmax implements Runnable {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  private final MemorySegment x;
  private final MemorySegment y;
  private final long lines;
  private final long step;
  private final double[] line;

  private final boolean logarithm;

  Softmax(KernelSpec.Softmax spec, Buffers buffers) {
    this(spec.x().shape(), spec.axis(), false, buffers);
  }

  /// Of a LogSoftmax of floats.
  static Softmax logarithm(KernelSpec.Literal spec, int axis, Buffers buffers) {
    return new Softmax(spec.y().shape(), axis, true, buffers);
  }

  private Softmax(Shape shape, int along, boolean logarithm, Buffers buffers) {
    this.logarithm = logarithm;
    this.x = buffers.inputs().getFirst();
    this.y = buffers.output();
    long[] sizes = shape.sizes();
    int axis = Math.floorMod(along, sizes.length);
    long behind = 1;
    for (int i = axis + 1; i < sizes.length; i++) {
      behind *= sizes[i];
    }
    this.step = behind;
    this.line = new double[Math.toIntExact(sizes[axis])];
    this.lines = shape.elements() / Math.max(1, line.length);
  }

  @Override
  public void run() {
    for (long i = 0; i < lines; i++) {
      line(i / step * step * line.length + i % step);
    }
  }

  private void line(long start) {
    double max = Double.NEGATIVE_INFINITY;
    for (int k = 0; k < line.length; k++) {
      line[k] = x.getAtIndex(FLOAT, start + k * step);
      max = Math.max(max, line[k]);
    }
    double sum = 0;
    for (int k = 0; k < line.length; k++) {
      double over = line[k] - max;
      double power = Math.exp(over);
      line[k] = logarithm ? over : power;
      sum += power;
    }
    double log = Math.log(sum);
    for (int k = 0; k < line.length; k++) {
      double value = logarithm ? line[k] - log : line[k] / sum;
      y.setAtIndex(FLOAT, start + k * step, (float) value);
    }
  }
}
