package io.octet.internal.plan;

import io.octet.internal.ffi.NativeArena;
import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.Call;
import io.octet.internal.kernel.Closing;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// The memory of one concurrent run.
public final class Workspace implements Runnable, AutoCloseable {
  private final Plan plan;
  private final Arena memoryArena = new NativeArena();
  private final MemorySegment memory;
  private final MemorySegment scratch;
  private final Call[] calls;
  private final MemorySegment[] inputSegments;
  private final MemorySegment[] outputSegments;
  private boolean hasRun;
  private boolean running;
  private boolean closed;

  /// @param plan retained for this, and the budget asked
  Workspace(Plan plan) {
    this.plan = plan;
    List<Step> steps = plan.steps();
    calls = new Call[steps.size()];
    try {
      memory = memoryArena.allocate(Math.max(1, plan.valueBytes()), MemoryPlanner.ALIGNMENT);
      scratch = memoryArena.allocate(Math.max(1, plan.scratchBytes()), MemoryPlanner.ALIGNMENT);
      for (int i = 0; i < calls.length; i++) {
        Step step = steps.get(i);
        List<MemorySegment> read = step.inputs().stream().map(this::segment).toList();
        List<MemorySegment> written = step.outputs().stream().map(this::segment).toList();
        calls[i] = step.kernel().bind(new Buffers(read, written, scratch));
      }
      inputSegments = segments(plan.inputs());
      outputSegments = segments(plan.outputs());
    } catch (RuntimeException | Error e) {
      free();
      throw e;
    }
  }

  private MemorySegment[] segments(List<Plan.Port> ports) {
    return ports.stream().map(p -> segment(p.buffer())).toArray(MemorySegment[]::new);
  }

  private MemorySegment segment(int buffer) {
    return plan.segment(buffer, memory);
  }

  /// Whose memory this is.
  public Plan plan() {
    return plan;
  }

  /// Where input `index` is to be written before a run.
  public MemorySegment input(int index) {
    return inputSegments[index];
  }

  /// Where output `index` can be read after a run.
  public MemorySegment output(int index) {
    return outputSegments[index];
  }

  /// Whether a run did not come to its end: nobody vouches for what it left behind.
  public boolean isSpoilt() {
    return running;
  }

  /// Runs every step. Allocates nothing.
  ///
  /// @throws IllegalArgumentException if a node cannot compute with the values that it got, such as
  ///   indices beyond an axis: the message names it
  @Override
  public void run() {
    begin();
    int step = 0;
    try {
      for (; step < calls.length; step++) {
        calls[step].run();
      }
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "node \"" + plan.labels().get(step) + "\": " + e.getMessage(), e);
    }
    running = false;
  }

  private void begin() {
    if (!hasRun) {
      StackRoom.requireToMake(); // the first run initializes classes
      hasRun = true;
    }
    plan.touch();
    running = true;
  }

  /// Runs every step and adds the nanoseconds each took to `nanos`, one element for each of {@link
  /// Plan#labels()}.
  public void run(long[] nanos) {
    begin();
    for (int i = 0; i < calls.length; i++) {
      long start = System.nanoTime();
      calls[i].run();
      nanos[i] += System.nanoTime() - start;
    }
    running = false;
  }

  /// Frees its memory and lets go of the plan, once.
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      Closing closing = new Closing();
      closing.close(this::free);
      closing.close(plan::giveBack);
      closing.end();
    }
  }

  private void free() {
    Closing closing = new Closing();
    for (Call call : calls) {
      if (call != null) { // a workspace whose making failed has fewer
        closing.close(call);
      }
    }
    closing.close(memoryArena);
    closing.end();
  }
}
