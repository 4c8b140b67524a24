package io.octet.internal.kernel.fbgemm;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.octet.OctetException;
import io.octet.internal.ffi.Fbgemm;
import io.octet.internal.ffi.FbgemmConstants;
import io.octet.internal.ffi.NativeRoom;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.ToIntFunction;

/// What a status of the bridge means: a C++ exception that it caught becomes one of Java.
final class Bridge {
  private Bridge() {}

  /// Throws the bridge's own words for a status that is no success.
  static void check(String symbol, int status) {
    if (status != FbgemmConstants.OK) {
      throw new OctetException.NativeFailure(symbol, status, Fbgemm.lastError());
    }
  }

  /// The number of bytes that a function gave to its out-parameter.
  static long bytes(String symbol, ToIntFunction<MemorySegment> function) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      check(symbol, function.applyAsInt(out));
      return out.get(JAVA_LONG, 0);
    }
  }

  /// What a function with an out-parameter made.
  ///
  /// @param bytes about how many it takes: FBGEMM itself does not look whether it got them
  /// @throws OutOfMemoryError where there is no room for them
  static MemorySegment create(String symbol, long bytes, ToIntFunction<MemorySegment> function) {
    NativeRoom.require(bytes);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ADDRESS);
      check(symbol, function.applyAsInt(out));
      return out.get(ADDRESS, 0);
    }
  }
}
