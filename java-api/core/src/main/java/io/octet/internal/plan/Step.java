package io.octet.internal.plan;

import io.octet.internal.kernel.Kernel;
import java.util.List;

/// One kernel of a plan and the buffers it works on.
///
/// @param label the node it serves, as reports name it
/// @param kernel what runs
/// @param inputs buffer of each of the kernel's inputs
/// @param outputs buffer of each of its outputs, at least one
public record Step(String label, Kernel kernel, List<Integer> inputs, List<Integer> outputs) {
  public Step {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  /// A step of one output.
  public Step(String label, Kernel kernel, List<Integer> inputs, int output) {
    this(label, kernel, inputs, List.of(output));
  }

  /// Buffer of the first output: the one that may take an input's place.
  public int output() {
    return outputs.getFirst();
  }
}
