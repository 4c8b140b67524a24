package io.octet.internal.plan;

import io.octet.graph.op.ValueInfo;
import io.octet.internal.ffi.NativeArena;
import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.Closing;
import io.octet.internal.kernel.Invocation;
import io.octet.internal.kernel.MemoryBudget;
import io.octet.internal.kernel.WeightsCache;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// A graph made ready for concrete input shapes: steps, the places of their buffers, and the
/// reasons. Immutable, shared by any number of workspaces; counts its users, and frees its kernels
/// with the last.
public final class Plan {
  /// A value that crosses the edge of the plan.
  ///
  /// @param info name, type and concrete shape
  /// @param buffer where it lies, row-major
  public record Port(ValueInfo info, int buffer) {}

  private final List<Port> inputs;
  private final List<Port> outputs;
  private final List<Step> steps;
  private final List<String> labels;
  private final List<NodePlan> rows;
  private final long[] offsets;
  private final long workspaceBytes;
  private final long scratchBytes;
  private final List<Buffer> buffers;
  private final MemorySegment[] constants;
  private final long constantBytes;
  private final MemoryBudget budget;
  private final Arena arena = new NativeArena();
  private int users = 1;
  private volatile boolean retired;
  private volatile long lastUse = System.nanoTime();

  /// @param packed has the constants of all plans, and the budget that is asked before others are
  ///   copied, and before each workspace
  public Plan(
      List<Port> inputs,
      List<Port> outputs,
      List<Buffer> buffers,
      List<Step> steps,
      List<NodePlan> rows,
      WeightsCache packed) {
    this.budget = packed.budget();
    Set<Integer> read = outputs.stream().map(Port::buffer).collect(Collectors.toSet());
    List<Buffer> all = new ArrayList<>(buffers);
    this.inputs = List.copyOf(inputs);
    this.outputs = List.copyOf(outputs);
    this.steps = List.copyOf(MemoryPlanner.withCopies(all, steps, read));
    this.buffers = List.copyOf(all);
    this.rows = List.copyOf(rows);
    MemoryPlanner.Placement placement = new MemoryPlanner(this.buffers, this.steps, read).place();
    this.offsets = placement.offsets();
    this.workspaceBytes = placement.bytes();
    this.scratchBytes =
        this.steps.stream().mapToLong(s -> s.kernel().scratchBytes()).max().orElse(0);
    this.labels = this.steps.stream().map(Step::label).toList();
    this.constants = new MemorySegment[this.buffers.size()];
    this.steps.forEach(s -> read.addAll(s.inputs()));
    read.removeIf(b -> this.buffers.get(b).kind() != Buffer.Kind.CONSTANT);
    read.stream()
        .filter(b -> this.buffers.get(b).shared())
        .forEach(b -> constants[b] = packed.copy(this.buffers.get(b).constant()));
    read.removeIf(b -> this.buffers.get(b).shared());
    this.constantBytes = read.stream().mapToLong(b -> this.buffers.get(b).bytes()).sum();
    budget.take(constantBytes, () -> "the constants of the plan for " + sizes(inputs));
    try {
      read.forEach(this::copyConstant);
    } catch (RuntimeException | Error e) {
      arena.close();
      budget.giveBack(constantBytes);
      throw e;
    }
  }

  private void copyConstant(int b) {
    Buffer buffer = buffers.get(b);
    constants[b] = arena.allocate(buffer.bytes(), MemoryPlanner.ALIGNMENT);
    MemorySegment.copy(buffer.constant().data(), 0, constants[b], 0, buffer.bytes());
  }

  private static List<ValueInfo> sizes(List<Port> ports) {
    return ports.stream().map(Port::info).toList();
  }

  /// The largest value, which is what a reader of an error looks for first.
  private String largest() {
    return steps.stream()
        .max(Comparator.comparingLong(this::made))
        .map(s -> ", of which \"" + s.label() + "\" makes " + made(s))
        .orElse("");
  }

  private long made(Step step) {
    return step.outputs().stream().mapToLong(b -> buffers.get(b).bytes()).sum();
  }

  /// What a run reads.
  public List<Port> inputs() {
    return inputs;
  }

  /// What a run yields.
  public List<Port> outputs() {
    return outputs;
  }

  /// What became of each node.
  public List<NodePlan> rows() {
    return rows;
  }

  /// For each step, the name of the node it serves.
  public List<String> labels() {
    return labels;
  }

  /// Bytes of one workspace, scratch included.
  public long workspaceBytes() {
    return workspaceBytes + scratchBytes;
  }

  /// When a workspace last ran, or this plan was made: {@link System#nanoTime()}.
  long lastUse() {
    return lastUse;
  }

  /// Memory of one run, with every kernel bound to it. The plan is kept until the workspace is
  /// closed.
  public Workspace newWorkspace() {
    if (!retain()) {
      throw new IllegalStateException("this plan is freed");
    }
    try {
      budget.take(workspaceBytes(), () -> "a run on " + sizes(inputs) + largest());
      try {
        return new Workspace();
      } catch (RuntimeException | Error e) {
        budget.giveBack(workspaceBytes());
        throw e;
      }
    } catch (RuntimeException | Error e) {
      release();
      throw e;
    }
  }

  /// Counts one more user; false where the last has gone.
  public synchronized boolean retain() {
    if (users == 0) {
      return false;
    }
    users++;
    return true;
  }

  /// Counts one user less; the last one frees the kernels.
  public synchronized void release() {
    users--;
    if (users == 0) {
      Closing closing = new Closing();
      for (Step step : steps) {
        closing.close(step.kernel());
      }
      closing.close(arena);
      budget.giveBack(constantBytes);
      closing.end();
    }
  }

  /// Gives up the maker's own use, once; workspaces that see it are to be closed.
  public synchronized void retire() {
    if (!retired) {
      retired = true;
      release();
    }
  }

  /// Whether its maker has given it up.
  public boolean isRetired() {
    return retired;
  }

  /// The memory of one concurrent run.
  public final class Workspace implements Runnable, AutoCloseable {
    private final Arena memoryArena = new NativeArena();
    private final MemorySegment memory;
    private final MemorySegment scratch;
    private final Invocation[] invocations = new Invocation[steps.size()];
    private final MemorySegment[] inputSegments;
    private final MemorySegment[] outputSegments;
    private boolean hasRun;
    private boolean running;
    private boolean closed;

    private Workspace() {
      try {
        memory = memoryArena.allocate(Math.max(1, workspaceBytes), MemoryPlanner.ALIGNMENT);
        scratch = memoryArena.allocate(Math.max(1, scratchBytes), MemoryPlanner.ALIGNMENT);
        for (int i = 0; i < invocations.length; i++) {
          Step step = steps.get(i);
          List<MemorySegment> read = step.inputs().stream().map(this::segment).toList();
          List<MemorySegment> written = step.outputs().stream().map(this::segment).toList();
          invocations[i] = step.kernel().bind(new Buffers(read, written, scratch));
        }
        inputSegments = segments(inputs);
        outputSegments = segments(outputs);
      } catch (RuntimeException | Error e) {
        free();
        throw e;
      }
    }

    private MemorySegment[] segments(List<Port> ports) {
      return ports.stream().map(p -> segment(p.buffer())).toArray(MemorySegment[]::new);
    }

    private MemorySegment segment(int buffer) {
      return constants[buffer] != null
          ? constants[buffer]
          : memory.asSlice(
              Math.max(0, offsets[buffer]), offsets[buffer] < 0 ? 0 : buffers.get(buffer).bytes());
    }

    /// Whose memory this is.
    public Plan plan() {
      return Plan.this;
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
    @Override
    public void run() {
      begin();
      for (Invocation invocation : invocations) {
        invocation.run();
      }
      running = false;
    }

    private void begin() {
      if (!hasRun) {
        StackRoom.requireToMake(); // the first run initializes classes
        hasRun = true;
      }
      lastUse = System.nanoTime();
      running = true;
    }

    /// Runs every step and adds the nanoseconds each took to `nanos`, one element for each of
    /// {@link Plan#labels()}.
    public void run(long[] nanos) {
      begin();
      for (int i = 0; i < invocations.length; i++) {
        long start = System.nanoTime();
        invocations[i].run();
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
        budget.giveBack(workspaceBytes());
        closing.close(Plan.this::release);
        closing.end();
      }
    }

    private void free() {
      Closing closing = new Closing();
      for (Invocation invocation : invocations) {
        if (invocation != null) { // a workspace whose making failed has fewer
          closing.close(invocation);
        }
      }
      closing.close(memoryArena);
      closing.end();
    }
  }
}
