package io.octet.internal.plan;

import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.Call;
import io.octet.internal.kernel.Kernel;
import java.lang.foreign.MemorySegment;

/// Copies a buffer that a kernel is about to overwrite while others still want it.
final class CopyKernel implements Kernel {
  @Override
  public String backend() {
    return "jvm";
  }

  @Override
  public String implementation() {
    return "copy";
  }

  @Override
  public Call bind(Buffers buffers) {
    MemorySegment from = buffers.inputs().getFirst();
    MemorySegment to = buffers.output();
    return new Call.Java(() -> MemorySegment.copy(from, 0, to, 0, to.byteSize()));
  }

  @Override
  public void close() {}
}
