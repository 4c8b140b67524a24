package io.octet.internal.plan;

import io.octet.internal.kernel.Kernel;
import java.util.List;

/// One kernel of a plan and the buffers it works on.
///
/// @param label the node it serves, as reports name it
/// @param kernel what runs
/// @param inputs buffer of each of the kernel's inputs
/// @param output buffer of its output
public record Step(String label, Kernel kernel, List<Integer> inputs, int output) {
  public Step {
    inputs = List.copyOf(inputs);
  }
}
