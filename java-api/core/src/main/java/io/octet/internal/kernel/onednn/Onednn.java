package io.octet.internal.kernel.onednn;

import static java.lang.foreign.ValueLayout.ADDRESS;

import io.octet.OctetException;
import io.octet.internal.ffi.Availability.Unavailable;
import io.octet.internal.ffi.CStrings;
import io.octet.internal.ffi.DnnlBindings;
import io.octet.internal.ffi.DnnlConstants;
import io.octet.internal.ffi.DnnlIsa;
import io.octet.internal.ffi.NativeRoom;
import io.octet.internal.ffi.Natives;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.ToIntFunction;

/// The process's one oneDNN engine and stream, and what a status means.
///
/// On the CPU an execute returns when its work is done and the stream keeps no state of its own, so
/// that all threads share it.
final class Onednn {
  /// Primitives that oneDNN keeps for whoever wants one like them, some 20 KiB each. Its default of
  /// 1024 would let a network over ever new sizes hold 20 MiB that no limit of a session knows; a
  /// network's own layers of one shape share their code within this many, too.
  private static final int KEPT_PRIMITIVES = 128;

  private static volatile Runtime runtime;

  private Onednn() {}

  static MemorySegment engine() {
    return runtime().engine;
  }

  static MemorySegment stream() {
    return runtime().stream;
  }

  /// Throws oneDNN's own word for a status that is no success.
  static void check(String symbol, int status) {
    if (status != DnnlConstants.SUCCESS) {
      throw new OctetException.NativeFailure(
          symbol, status, CStrings.read(DnnlBindings.status2str(status)));
    }
  }

  /// What a C function with a leading out-parameter made, or its failure.
  ///
  /// @throws OutOfMemoryError where there is no room for what it makes
  static MemorySegment create(String symbol, ToIntFunction<MemorySegment> function) {
    NativeRoom.require(0);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ADDRESS);
      check(symbol, function.applyAsInt(out));
      return out.get(ADDRESS, 0);
    }
  }

  /// Not a constant: what failed for want of memory is tried again by whoever comes next.
  private static Runtime runtime() {
    Runtime known = runtime;
    return known == null ? makeRuntime() : known;
  }

  private static synchronized Runtime makeRuntime() {
    if (runtime == null) {
      if (Natives.onednn() instanceof Unavailable(String reason)) {
        throw new IllegalStateException("oneDNN is unavailable: " + reason);
      }
      DnnlIsa.effective(); // a cap must be set before the first primitive
      check(
          "dnnl_set_primitive_cache_capacity",
          DnnlBindings.setPrimitiveCacheCapacity(KEPT_PRIMITIVES));
      MemorySegment engine =
          create("dnnl_engine_create", out -> DnnlBindings.engineCreate(out, DnnlConstants.CPU, 0));
      MemorySegment stream =
          create(
              "dnnl_stream_create",
              out -> DnnlBindings.streamCreate(out, engine, DnnlConstants.STREAM_DEFAULT_FLAGS));
      runtime = new Runtime(engine, stream);
    }
    return runtime;
  }

  private record Runtime(MemorySegment engine, MemorySegment stream) {}
}
