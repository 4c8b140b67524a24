package io.octet.internal.tune;

import io.octet.internal.plan.Plan;
import io.octet.internal.plan.Workspace;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A plan that is only to be timed, with memory to run it.
final class Candidate implements AutoCloseable {
  private final Plan plan;
  private final Workspace workspace;

  /// @param plan becomes this one's
  Candidate(Plan plan) {
    this.plan = plan;
    try {
      workspace = plan.newWorkspace();
    } catch (RuntimeException | Error e) {
      plan.retire();
      throw e;
    }
    for (int i = 0; i < plan.inputs().size(); i++) {
      if (plan.inputs().get(i).info().type().isInt8()) {
        fill(workspace.input(i));
      }
    }
  }

  /// Every byte in turn; floats stay zero, for arbitrary ones may be slow.
  private static void fill(MemorySegment input) {
    for (long i = 0; i < input.byteSize(); i++) {
      input.set(ValueLayout.JAVA_BYTE, i, (byte) i);
    }
  }

  void run() {
    workspace.run();
  }

  @Override
  public void close() {
    workspace.close();
    plan.retire();
  }
}
