package io.octet.internal.kernel.jvm;

import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.KernelSpec;
import java.lang.foreign.MemorySegment;

/// Concatenation: plain copies of the longest runs, in either layout.
final class Joining implements Runnable {
  private final MemorySegment[] xs;
  private final MemorySegment y;

  /// Bytes of a run of each input; together a run of the output.
  private final long[] runs;

  private final long outer;

  Joining(KernelSpec.Concat spec, Buffers buffers) {
    this.xs = buffers.inputs().toArray(MemorySegment[]::new);
    this.y = buffers.output();
    long[] sizes = spec.y().layout().inMemory(spec.y().shape());
    int[] axes = spec.y().layout().axes(sizes.length);
    int axis = Math.floorMod(spec.axis(), sizes.length);
    long before = 1;
    for (int i = 0; axes[i] != axis; i++) {
      before *= sizes[i];
    }
    this.outer = before;
    this.runs = spec.xs().stream().mapToLong(x -> x.bytes() / Math.max(1, outer)).toArray();
  }

  @Override
  public void run() {
    long to = 0;
    for (long i = 0; i < outer; i++) {
      for (int p = 0; p < xs.length; p++) {
        MemorySegment.copy(xs[p], i * runs[p], y, to, runs[p]);
        to += runs[p];
      }
    }
  }
}
