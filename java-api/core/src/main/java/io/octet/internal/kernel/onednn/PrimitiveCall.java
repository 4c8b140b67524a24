package io.octet.internal.kernel.onednn;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.octet.internal.ffi.DnnlConstants;
import io.octet.internal.ffi.NativeArena;
import io.octet.internal.ffi.NativeFunction;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// One workspace's way to execute a [Primitive]: its arguments, checked and laid out once as oneDNN
/// reads them. Executing allocates nothing. One thread at a time.
final class PrimitiveCall implements AutoCloseable {
  private final Arena arena = new NativeArena();
  private final List<Memory> memories = new ArrayList<>();
  private final List<MemorySegment> data; // stays reachable while native code may use it
  private final MemorySegment arguments;
  private boolean closed;

  private PrimitiveCall(Primitive primitive, Map<Integer, MemorySegment> data) {
    this.data = List.copyOf(data.values());
    try {
      int count = primitive.arguments().size();
      MemorySegment array =
          arena.allocate((long) DnnlConstants.EXEC_ARG_BYTES * count, ADDRESS.byteSize());
      this.arguments =
          NativeFunction.arguments(
              arena,
              primitive.address().address(),
              Onednn.stream().address(),
              count,
              array.address());
      primitive.arguments().forEach((argument, desc) -> add(array, argument, desc, data));
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /// Binds every argument that the primitive and its attributes ask for: oneDNN itself crashes
  /// where a scale, a zero point or the scratchpad is missing.
  ///
  /// @param primitive outlives the call
  /// @param data by argument; the segments outlive the call
  /// @throws IllegalArgumentException where an argument is missing, unknown or too small
  static PrimitiveCall of(Primitive primitive, Map<Integer, MemorySegment> data) {
    data.keySet().forEach(primitive::argument);
    primitive.arguments().forEach((argument, desc) -> check(primitive, argument, desc, data));
    return new PrimitiveCall(primitive, data);
  }

  private static void check(
      Primitive primitive, int argument, MemoryDesc desc, Map<Integer, MemorySegment> data) {
    MemorySegment segment = data.get(argument);
    String what = primitive.implementation() + ": argument " + ArgumentList.name(argument);
    if (segment == null) {
      throw new IllegalArgumentException(what + " is missing");
    }
    if (!segment.isNative() || segment.byteSize() < desc.size()) {
      throw new IllegalArgumentException(
          "%s has %d bytes%s, expected %d of native memory"
              .formatted(
                  what, segment.byteSize(), segment.isNative() ? "" : " of heap", desc.size()));
    }
  }

  private void add(
      MemorySegment array, int argument, MemoryDesc desc, Map<Integer, MemorySegment> data) {
    long entry = (long) DnnlConstants.EXEC_ARG_BYTES * memories.size();
    Memory memory = Memory.of(desc, data.get(argument));
    memories.add(memory);
    array.set(JAVA_INT, entry, argument);
    array.set(ADDRESS, entry + ADDRESS.byteSize(), memory.address());
  }

  /// What {@link NativeFunction#DNNL_PRIMITIVE_EXECUTE} takes.
  MemorySegment arguments() {
    return arguments;
  }

  /// Runs the primitive on the calling thread and its OpenMP team.
  void execute() {
    if (closed) {
      throw new IllegalStateException("the call is closed");
    }
    NativeFunction.DNNL_PRIMITIVE_EXECUTE.call(arguments);
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      memories.forEach(Memory::close);
      arena.close();
    }
  }
}
