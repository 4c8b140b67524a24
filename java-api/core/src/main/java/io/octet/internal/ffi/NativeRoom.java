package io.octet.internal.ffi;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/// Sees to it that native code finds the memory it takes. oneDNN 3.13 crashes in every function
/// that makes something where the C heap gives nothing (each was tried: null is dereferenced, or an
/// exception leaves the library), and the JVM ends itself. So that memory is asked for beforehand,
/// where a lack can be told.
public final class NativeRoom {
  /// More than oneDNN or FBGEMM was seen to take for one kernel, and something for the JVM's own
  /// compilers and threads meanwhile. Beyond 32 MiB glibc takes memory from the system and gives it
  /// back at once.
  static final long RESERVE = 64L << 20;

  private static final long PIECE = 1L << 20;

  /// What one call of oneDNN may take that asks for nothing in particular.
  private static final long SMALL = 512L << 10;

  /// For so many nanoseconds others are trusted not to have taken much.
  private static final long FRESH = 100_000_000;

  private static volatile Look look = new Look(System.nanoTime(), new AtomicLong());

  /// @param time when the heap was looked at
  /// @param left how much may still be taken without looking again
  private record Look(long time, AtomicLong left) {}

  private NativeRoom() {}

  /// Returns where there are so many bytes, and most of the reserve beside them. Nothing is kept,
  /// and no page touched. One look at the heap, which costs system calls, serves what is taken next
  /// until half of the reserve could be gone.
  ///
  /// @param bytes what will be taken at once; 0 for what the reserve covers
  /// @throws OutOfMemoryError where there is less
  public static void require(long bytes) {
    long now = System.nanoTime();
    Look last = look;
    if (now - last.time < FRESH
        && bytes < last.left.get()
        && last.left.addAndGet(-bytes - SMALL) > 0) {
      return;
    }
    lookFor(bytes);
    look = new Look(now, new AtomicLong(RESERVE / 2));
  }

  private static void lookFor(long bytes) {
    boolean whole = bytes <= Long.MAX_VALUE - RESERVE && isThere(bytes + RESERVE);
    if (!whole && !isThereInPieces(bytes)) {
      throw new OutOfMemoryError(
          "native memory ends: "
              + (bytes == 0 ? "" : bytes + " bytes are wanted, and ")
              + RESERVE
              + " must be in reserve, since native code cannot tell that it got none; close"
              + " sessions, or raise the limit (ulimit -v, a container's)");
    }
  }

  private static boolean isThere(long bytes) {
    MemorySegment block = CHeap.malloc(Math.max(1, bytes));
    CHeap.free(block);
    return block.address() != 0;
  }

  /// The C heap keeps addresses that sessions gave back: no large block need be left.
  private static boolean isThereInPieces(long bytes) {
    List<MemorySegment> held = new ArrayList<>();
    try {
      held.add(CHeap.malloc(Math.max(1, bytes)));
      for (long left = RESERVE; left > 0 && held.getLast().address() != 0; left -= PIECE) {
        held.add(CHeap.malloc(PIECE));
      }
      return held.getLast().address() != 0;
    } finally {
      held.forEach(CHeap::free);
    }
  }
}
