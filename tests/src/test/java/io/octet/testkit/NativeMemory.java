package io.octet.testkit;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.StructLayout;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/// What this process holds of the C heap, Java's own heap left out: resident memory would count
/// both.
public final class NativeMemory {
  private static final StructLayout MALLINFO2 =
      MemoryLayout.structLayout(MemoryLayout.sequenceLayout(10, JAVA_LONG));
  private static final int BYTES_IN_MAPPINGS = 4;
  private static final int BYTES_IN_USE = 7;

  private NativeMemory() {}

  /// Bytes in use; skips the test, loudly, where the C library is not glibc.
  @SuppressWarnings("restricted")
  public static long inUse() {
    Linker linker = Linker.nativeLinker();
    Optional<MemorySegment> mallinfo2 = linker.defaultLookup().find("mallinfo2");
    Assumptions.assumeTrue(mallinfo2.isPresent(), "SKIPPED: no mallinfo2, so no glibc");
    var handle = linker.downcallHandle(mallinfo2.get(), FunctionDescriptor.of(MALLINFO2));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment info = (MemorySegment) handle.invokeExact((SegmentAllocator) arena);
      return info.getAtIndex(JAVA_LONG, BYTES_IN_MAPPINGS)
          + info.getAtIndex(JAVA_LONG, BYTES_IN_USE);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }
}
