package io.octet.runtime;

import io.octet.internal.plan.Plan;
import io.octet.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.util.Map;

/// Inputs and outputs of a run in memory that the caller owns, on or off heap, checked once.
/// Running it again reads the inputs' present content and overwrites the outputs, and allocates
/// nothing. Make one with {@link Session#bind}; one thread at a time.
public final class Binding {
  final Session session;
  final Map<String, Shape> shapes;
  final MemorySegment[] inputs;

  /// For each of the plan's outputs the caller's memory, or null where the caller does not want it.
  final MemorySegment[] outputs;

  Plan plan;

  Binding(
      Session session,
      Map<String, Shape> shapes,
      Plan plan,
      MemorySegment[] inputs,
      MemorySegment[] outputs) {
    this.session = session;
    this.shapes = shapes;
    this.plan = plan;
    this.inputs = inputs;
    this.outputs = outputs;
  }
}
