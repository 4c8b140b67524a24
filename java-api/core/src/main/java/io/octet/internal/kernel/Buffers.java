package io.octet.internal.kernel;

import java.lang.foreign.MemorySegment;
import java.util.List;

/// The memory of one call.
///
/// @param inputs one segment for each of the spec's inputs, in order
/// @param outputs one segment for each of the spec's outputs, in order; the first is the same
///   memory as the input that {@link Kernel#inPlaceInput()} names
/// @param scratch at least {@link Kernel#scratchBytes()}, shared by the steps of one run
public record Buffers(
    List<MemorySegment> inputs, List<MemorySegment> outputs, MemorySegment scratch) {
  /// Copies the lists.
  public Buffers {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  /// The memory of a kernel with one output.
  public Buffers(List<MemorySegment> inputs, MemorySegment output, MemorySegment scratch) {
    this(inputs, List.of(output), scratch);
  }

  /// The first output: the only one of most kernels.
  public MemorySegment output() {
    return outputs.getFirst();
  }
}
