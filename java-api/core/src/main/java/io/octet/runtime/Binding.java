package io.octet.runtime;

import io.octet.internal.plan.Plan;
import java.lang.foreign.MemorySegment;

/// Inputs and outputs of a run in memory that the caller owns, on or off heap, checked once.
/// Running it again reads the inputs' present content and overwrites the outputs, and allocates
/// nothing, unless an input changed that decides shapes. Make one with {@link Session#bind}; one
/// thread at a time.
public final class Binding {
  final Session session;
  final MemorySegment[] inputs;

  /// For each of the plan's outputs the caller's memory, or null where the caller does not want it.
  final MemorySegment[] outputs;

  Request request;
  Plan plan;

  Binding(
      Session session,
      Request request,
      Plan plan,
      MemorySegment[] inputs,
      MemorySegment[] outputs) {
    this.session = session;
    this.request = request;
    this.plan = plan;
    this.inputs = inputs;
    this.outputs = outputs;
  }
}
