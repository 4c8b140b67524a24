package io.octet.internal.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// Memory of the C heap, zeroed, for any thread, freed together. Closing one of Java's shared
/// arenas stops every thread of the process for a moment, some 60 us with a thousand of them, and a
/// session would have several for each layer; this one's owner vouches that nobody uses the memory
/// any more. What stays inside Octet lies here; callers' memory never does.
public final class NativeArena implements Arena {
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
      CHeap.free(block);
    }
  }

  @SuppressWarnings("restricted")
  private static MemorySegment calloc(long bytes) {
    NativeRoom.require(bytes); // the last bytes are not for us
    MemorySegment block = CHeap.calloc(1, bytes);
    if (block.address() == 0) {
      throw new OutOfMemoryError("no " + bytes + " bytes of native memory");
    }
    return block.reinterpret(bytes);
  }
}
