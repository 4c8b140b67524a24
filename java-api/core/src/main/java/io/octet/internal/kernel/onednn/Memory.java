package io.octet.internal.kernel.onednn;

import io.octet.internal.ffi.DnnlBindings;
import java.lang.foreign.MemorySegment;

/// A description with an address: what an execute takes for each argument. It owns no data.
final class Memory extends Handle {
  private Memory(MemorySegment address) {
    super(address);
  }

  /// Data may be `MemorySegment.NULL`, to be pointed somewhere before the first execute.
  static Memory of(MemoryDesc desc, MemorySegment data) {
    return new Memory(
        Onednn.create(
            "dnnl_memory_create",
            out -> DnnlBindings.memoryCreate(out, desc.address(), Onednn.engine(), data)));
  }

  @Override
  void destroy(MemorySegment address) {
    DnnlBindings.memoryDestroy(address);
  }
}
