package io.octet.internal.ffi;

import java.lang.foreign.MemorySegment;

/// Text that native code owns.
public final class CStrings {
  private CStrings() {}

  /// Reads the zero-terminated UTF-8 text at a `const char *`; a null pointer reads as "".
  @SuppressWarnings("restricted")
  public static String read(MemorySegment pointer) {
    return pointer.address() == 0 ? "" : pointer.reinterpret(Long.MAX_VALUE).getString(0);
  }
}
