package io.octet.internal.ffi;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;

/// The version of the oneDNN that was loaded.
public final class DnnlVersion {
  private DnnlVersion() {}

  /// Major, minor and patch, such as "3.13.0"; only where [Natives#onednn] is available.
  @SuppressWarnings("restricted")
  public static String text() {
    MemorySegment version = DnnlBindings.version().reinterpret(3 * JAVA_INT.byteSize());
    return version.getAtIndex(JAVA_INT, 0)
        + "."
        + version.getAtIndex(JAVA_INT, 1)
        + "."
        + version.getAtIndex(JAVA_INT, 2);
  }
}
