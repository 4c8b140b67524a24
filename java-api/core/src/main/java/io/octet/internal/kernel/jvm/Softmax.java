package io.octet.internal.kernel.jvm;

import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.KernelSpec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Softmax along any axis: each line is gathered, and scattered when it is done.
final class Softmax implements Runnable {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  private final MemorySegment x;
  private final MemorySegment y;
  private final long lines;
  private final long step;
  private final double[] line;

  Softmax(KernelSpec.Softmax spec, Buffers buffers) {
    this.x = buffers.inputs().getFirst();
    this.y = buffers.output();
    long[] sizes = spec.x().shape().sizes();
    int axis = Math.floorMod(spec.axis(), sizes.length);
    long behind = 1;
    for (int i = axis + 1; i < sizes.length; i++) {
      behind *= sizes[i];
    }
    this.step = behind;
    this.line = new double[Math.toIntExact(sizes[axis])];
    this.lines = spec.x().shape().elements() / Math.max(1, line.length);
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
      line[k] = Math.exp(line[k] - max);
      sum += line[k];
    }
    for (int k = 0; k < line.length; k++) {
      y.setAtIndex(FLOAT, start + k * step, (float) (line[k] / sum));
    }
  }
}
