package io.octet.internal.kernel.onednn;

import static java.lang.foreign.ValueLayout.ADDRESS;

import io.octet.internal.ffi.CStrings;
import io.octet.internal.ffi.DnnlBindings;
import io.octet.internal.ffi.DnnlConstants;
import io.octet.internal.ffi.NativeRoom;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.function.ToIntFunction;

/// oneDNN's choice of an implementation for one operation, before any code is generated.
final class PrimitiveDesc extends Handle {
  private String implementation; // null until somebody asks

  private PrimitiveDesc(MemorySegment address) {
    super(address);
  }

  /// Asks oneDNN for an implementation; empty where it has none for these types and shapes, or
  /// calls them invalid, which is its word for much that ONNX allows.
  static Optional<PrimitiveDesc> find(String symbol, ToIntFunction<MemorySegment> function) {
    NativeRoom.require(0);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ADDRESS);
      int status = function.applyAsInt(out);
      if (status == DnnlConstants.UNIMPLEMENTED || status == DnnlConstants.INVALID_ARGUMENTS) {
        return Optional.empty();
      }
      Onednn.check(symbol, status);
      return Optional.of(new PrimitiveDesc(out.get(ADDRESS, 0)));
    }
  }

  /// Goes on to the next implementation that can do it, in oneDNN's order of preference; false
  /// where there is none.
  boolean next() {
    NativeRoom.require(0);
    implementation = null;
    int status = DnnlBindings.primitiveDescNextImpl(address());
    if (status == DnnlConstants.LAST_IMPL_REACHED) {
      return false;
    }
    Onednn.check("dnnl_primitive_desc_next_impl", status);
    return true;
  }

  /// The implementation's name, such as "jit:avx512_core_vnni" or "ref:any".
  String implementation() {
    if (implementation == null) {
      implementation = queryName();
    }
    return implementation;
  }

  private String queryName() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ADDRESS);
      Onednn.check(
          "dnnl_primitive_desc_query",
          DnnlBindings.primitiveDescQuery(address(), DnnlConstants.QUERY_IMPL_INFO_STR, 0, out));
      return CStrings.read(out.get(ADDRESS, 0));
    }
  }

  /// A description of its own of what the implementation expects; empty where it takes no such
  /// argument.
  ///
  /// @param what QUERY_SRC_MD, QUERY_WEIGHTS_MD, QUERY_DST_MD or QUERY_SCRATCHPAD_MD
  Optional<MemoryDesc> memoryDesc(int what, int index) {
    MemorySegment borrowed = DnnlBindings.primitiveDescQueryMd(address(), what, index);
    if (borrowed.address() == 0 || DnnlBindings.memoryDescGetSize(borrowed) == 0) {
      return Optional.empty();
    }
    return Optional.of(MemoryDesc.copyOf(borrowed));
  }

  /// How many bytes what {@link #memoryDesc} describes takes.
  long bytes(int what, int index) {
    return DnnlBindings.memoryDescGetSize(
        DnnlBindings.primitiveDescQueryMd(address(), what, index));
  }

  @Override
  void destroy(MemorySegment address) {
    DnnlBindings.primitiveDescDestroy(address);
  }
}
