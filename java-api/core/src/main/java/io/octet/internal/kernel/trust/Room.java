package io.octet.internal.kernel.trust;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.WeakReference;
import java.util.concurrent.atomic.AtomicReference;

/// Native memory for the trials of one thread after the other. Fresh memory costs more than most
/// trials, so a moderate piece is kept for the next one, until the garbage collector wants it.
final class Room implements AutoCloseable {
  private static final long ALIGNMENT = 64;
  private static final long SMALLEST = 4 << 20;
  private static final long LARGEST_KEPT = 32 << 20;

  private static final AtomicReference<WeakReference<MemorySegment>> SPARE =
      new AtomicReference<>(new WeakReference<>(null));

  private final Arena own;
  private final MemorySegment memory;
  private long used;

  private Room(Arena own, MemorySegment memory) {
    this.own = own;
    this.memory = memory;
  }

  /// Memory for pieces of these sizes; whatever lay there before is in it.
  static Room of(long... pieces) {
    long bytes = 0;
    for (long piece : pieces) {
      bytes = Math.addExact(bytes, padded(piece));
    }
    if (bytes > LARGEST_KEPT) {
      Arena own = Arena.ofConfined();
      return new Room(own, own.allocate(bytes, ALIGNMENT));
    }
    WeakReference<MemorySegment> spare = SPARE.getAndSet(null);
    MemorySegment kept = spare == null ? null : spare.get();
    boolean enough = kept != null && kept.byteSize() >= bytes;
    return new Room(
        null, enough ? kept : Arena.ofAuto().allocate(Math.max(SMALLEST, bytes), ALIGNMENT));
  }

  /// The next piece.
  MemorySegment next(long bytes) {
    MemorySegment piece = memory.asSlice(used, bytes);
    used += padded(bytes);
    return piece;
  }

  private static long padded(long bytes) {
    return Math.addExact(bytes, ALIGNMENT - 1) & -ALIGNMENT;
  }

  @Override
  public void close() {
    if (own == null) {
      SPARE.set(new WeakReference<>(memory));
    } else {
      own.close();
    }
  }
}
