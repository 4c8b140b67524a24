package io.octet.internal.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;

/// Memory of the C heap, zeroed, for any thread, freed together. Closing one of Java's shared
/// arenas stops every thread of the process for a moment, some 60 us with a thousand of them, and a
/// session would have several for each layer; this one's owner vouches that nobody uses the memory
/// any more. What stays inside Octet lies here; callers' memory never does.
public final class NativeArena implements Arena {
  private static final MethodHandle CALLOC =
      function("calloc", FunctionDescriptor.of(ADDRESS, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle FREE = function("free", FunctionDescriptor.ofVoid(ADDRESS));

  /// What every block of the C heap is aligned to.
  private static final long ALIGNMENT = 16;

  private MemorySegment[] blocks = new MemorySegment[2];
  private int count;
  private boolean closed;

  /// @throws OutOfMemoryError where the C heap has not so much
  @Override
  public synchronized MemorySegment allocate(long byteSize, long byteAlignment) {
    if (closed) {
      throw new IllegalStateException("this arena is closed");
    }
    if (byteSize < 0 || Long.bitCount(byteAlignment) != 1) {
      throw new IllegalArgumentException(byteSize + " bytes aligned to " + byteAlignment);
    }
    if (count == blocks.length) {
      blocks = Arrays.copyOf(blocks, 2 * count);
    }
    long spare = byteAlignment <= ALIGNMENT ? 0 : byteAlignment;
    long bytes = Math.max(1, Math.addExact(byteSize, spare));
    MemorySegment block = calloc(bytes);
    blocks[count++] = block;
    long past = block.address() & (byteAlignment - 1);
    return block.asSlice(past == 0 ? 0 : byteAlignment - past, byteSize);
  }

  @Override
  public MemorySegment.Scope scope() {
    return Arena.global().scope();
  }

  /// Frees everything, once.
  @Override
  public synchronized void close() {
    closed = true;
    while (count > 0) {
      MemorySegment block = blocks[--count];
      blocks[count] = null;
      free(block);
    }
  }

  @SuppressWarnings("restricted")
  private static MemorySegment calloc(long bytes) {
    NativeRoom.require(bytes); // the last bytes are not for us
    MemorySegment block;
    try {
      block = (MemorySegment) CALLOC.invokeExact(1L, bytes);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
    if (block.address() == 0) {
      throw new OutOfMemoryError("no " + bytes + " bytes of native memory");
    }
    return block.reinterpret(bytes);
  }

  private static void free(MemorySegment block) {
    try {
      FREE.invokeExact(block);
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
  }

  @SuppressWarnings("restricted")
  private static MethodHandle function(String name, FunctionDescriptor type) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), type);
  }
}
