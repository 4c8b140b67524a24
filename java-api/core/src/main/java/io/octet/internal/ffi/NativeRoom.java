package io.octet.internal.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;

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

  private static final MethodHandle MALLOC =
      function("malloc", FunctionDescriptor.of(ADDRESS, JAVA_LONG));
  private static final MethodHandle FREE = function("free", FunctionDescriptor.ofVoid(ADDRESS));

  private NativeRoom() {}

  /// Returns where there are so many bytes, and the reserve beside them. Nothing is kept: it takes
  /// some microseconds and touches no page.
  ///
  /// @param bytes what will be taken at once; 0 for what the reserve covers
  /// @throws OutOfMemoryError where there is less
  public static void require(long bytes) {
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
    MemorySegment block = malloc(bytes);
    free(block);
    return block.address() != 0;
  }

  /// The C heap keeps addresses that sessions gave back: no large block need be left.
  private static boolean isThereInPieces(long bytes) {
    List<MemorySegment> held = new ArrayList<>();
    try {
      held.add(malloc(bytes));
      for (long left = RESERVE; left > 0 && held.getLast().address() != 0; left -= PIECE) {
        held.add(malloc(PIECE));
      }
      return held.getLast().address() != 0;
    } finally {
      held.forEach(NativeRoom::free);
    }
  }

  private static MemorySegment malloc(long bytes) {
    try {
      return (MemorySegment) MALLOC.invokeExact(Math.max(1, bytes));
    } catch (Throwable t) {
      throw Calls.unreachable(t);
    }
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
