package io.octet.internal.kernel.jvm;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A function from bytes to bytes, looked up.
record ByteTable(MemorySegment x, MemorySegment y, long count, byte[] table) implements Runnable {
  @Override
  public void run() {
    for (long i = 0; i < count; i++) {
      y.set(ValueLayout.JAVA_BYTE, i, table[x.get(ValueLayout.JAVA_BYTE, i) & 0xff]);
    }
  }
}
