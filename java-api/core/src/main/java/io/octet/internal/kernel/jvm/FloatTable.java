package io.octet.internal.kernel.jvm;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A function from bytes to floats, looked up.
record FloatTable(MemorySegment x, MemorySegment y, long count, float[] table) implements Runnable {
  @Override
  public void run() {
    for (long i = 0; i < count; i++) {
      y.setAtIndex(
          ValueLayout.JAVA_FLOAT_UNALIGNED, i, table[x.get(ValueLayout.JAVA_BYTE, i) & 0xff]);
    }
  }
}
