package io.octet.internal.ffi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.testkit.NativeMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NativeArenaTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 8, 16, 64, 4096})
  void blocksAreAlignedZeroedOfTheirSizeAndApart(long alignment) {
    try (NativeArena arena = new NativeArena()) {
      MemorySegment before = arena.allocate(100, alignment).fill((byte) 1);
      for (long size : new long[] {0, 1, 63, 100, 1 << 20}) {
        MemorySegment block = arena.allocate(size, alignment);
        assertEquals(0, block.address() % alignment);
        assertEquals(size, block.byteSize());
        assertEquals(-1, block.mismatch(MemorySegment.ofArray(new byte[(int) size])));
        block.fill((byte) 2);
      }
      assertEquals(1, before.get(ValueLayout.JAVA_BYTE, 99));
    }
  }

  /// So much that what the JVM's compilers take and free meanwhile does not count.
  @Test
  void closingFreesEverythingOnce() {
    long before = NativeMemory.inUse();
    NativeArena arena = new NativeArena();
    for (int i = 0; i < 64; i++) {
      arena.allocate(8 << 20, 64);
    }
    long held = NativeMemory.inUse() - before;
    assertTrue(held >= 384 << 20, held + " bytes more while it is open");
    arena.close();
    arena.close();
    long left = NativeMemory.inUse() - before;
    assertTrue(left < 128 << 20, left + " bytes more when it is closed");
    assertThrows(IllegalStateException.class, () -> arena.allocate(1, 1));
  }

  @Test
  void whatTheHeapCannotGiveIsAnErrorOfJavas() {
    try (NativeArena arena = new NativeArena()) {
      assertThrows(OutOfMemoryError.class, () -> arena.allocate(Long.MAX_VALUE - 64, 1));
      assertThrows(ArithmeticException.class, () -> arena.allocate(Long.MAX_VALUE, 64));
      assertThrows(IllegalArgumentException.class, () -> arena.allocate(-1, 1));
      assertEquals(8, arena.allocate(8, 8).byteSize());
    }
  }
}
