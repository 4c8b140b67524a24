package io.octet.internal.plan;

import io.octet.graph.op.ValueInfo;
import io.octet.internal.kernel.Kernel;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/// What grows until it is a plan: steps over buffers, the edges, and the row of each node. Buffers
/// are told apart by identity, and have their place with the first step or edge that names them.
/// Owns the kernels until the plan does.
public final class PlanBuilder implements AutoCloseable {
  private final Map<Buffer, Integer> places = new IdentityHashMap<>();
  private final List<Buffer> buffers = new ArrayList<>();
  private final List<Step> steps = new ArrayList<>();
  private final List<NodePlan> rows = new ArrayList<>();
  private final List<Plan.Port> inputs = new ArrayList<>();
  private final List<Plan.Port> outputs = new ArrayList<>();

  /// The next input.
  public void input(ValueInfo info, Buffer buffer) {
    inputs.add(new Plan.Port(info, place(buffer)));
  }

  /// The next input: what somebody else makes in `other` is written anew before every run.
  public void imported(ValueInfo info, Buffer other) {
    Buffer own = Buffer.input(Buffer.Kind.SPENT_INPUT, other.bytes());
    input(info, own);
    places.put(other, place(own));
  }

  /// The next output.
  public void output(ValueInfo info, Buffer buffer) {
    outputs.add(new Plan.Port(info, place(buffer)));
  }

  /// The next step.
  public void step(String label, Kernel kernel, List<Buffer> from, List<Buffer> to) {
    List<Integer> read = from.stream().map(this::place).toList();
    List<Integer> written = to.stream().map(this::place).toList();
    steps.add(new Step(label, kernel, read, written));
  }

  /// The next row of the explanation.
  public void row(NodePlan row) {
    rows.add(row);
  }

  private int place(Buffer buffer) {
    Integer known = places.putIfAbsent(buffer, buffers.size());
    if (known != null) {
      return known;
    }
    buffers.add(buffer);
    return buffers.size() - 1;
  }

  /// The plan of all steps so far; their kernels are its own from now on.
  ///
  /// @param store has the constants of all plans
  public Plan plan(ConstantStore store) {
    Plan made = new Plan(inputs, outputs, buffers, steps, rows, store);
    steps.clear();
    return made;
  }

  /// Frees the kernels of what did not become a plan.
  @Override
  public void close() {
    steps.forEach(s -> s.kernel().close());
    steps.clear();
  }
}
