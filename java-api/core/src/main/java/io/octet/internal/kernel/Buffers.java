package io.octet.internal.kernel;

import java.lang.foreign.MemorySegment;
import java.util.List;

/// The memory of one invocation.
///
/// @param inputs one segment for each of the spec's inputs, in order
/// @param output the result; the same memory as the input that {@link Kernel#inPlaceInput()} names
/// @param scratch at least {@link Kernel#scratchBytes()}, shared by the steps of one run
public record Buffers(List<MemorySegment> inputs, MemorySegment output, MemorySegment scratch) {
  /// Copies the list.
  public Buffers {
    inputs = List.copyOf(inputs);
  }
}
