package io.octet.internal.plan;

import io.octet.graph.op.ValueInfo;
import io.octet.internal.ffi.NativeArena;
import io.octet.internal.kernel.Closing;
import io.octet.internal.kernel.MemoryBudget;
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

  /// @param store has the constants of all plans, and the budget that is asked before others are
  ///   copied, and before each workspace
  public Plan(
      List<Port> inputs,
      List<Port> outputs,
      List<Buffer> buffers,
      List<Step> steps,
      List<NodePlan> rows,
      ConstantStore store) {
    this.budget = store.budget();
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
        .forEach(b -> constants[b] = store.copy(this.buffers.get(b).constant()));
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
    MemorySegment.copy(buffer.constant().tensor().data(), 0, constants[b], 0, buffer.bytes());
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
        return new Workspace(this);
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

  /// Bytes of all values of one run, without scratch.
  long valueBytes() {
    return workspaceBytes;
  }

  /// Bytes of what kernels use meanwhile, one after the other.
  long scratchBytes() {
    return scratchBytes;
  }

  List<Step> steps() {
    return steps;
  }

  /// Where a buffer lies in the memory of one run, or as a constant in that of all.
  MemorySegment segment(int buffer, MemorySegment memory) {
    return constants[buffer] != null
        ? constants[buffer]
        : memory.asSlice(
            Math.max(0, offsets[buffer]), offsets[buffer] < 0 ? 0 : buffers.get(buffer).bytes());
  }

  /// A workspace begins a run.
  void touch() {
    lastUse = System.nanoTime();
  }

  /// A workspace has freed its memory.
  void giveBack() {
    budget.giveBack(workspaceBytes());
    release();
  }
}
