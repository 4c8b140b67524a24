package io.octet.internal.lower;

import io.octet.graph.Node;
import io.octet.graph.op.ValueInfo;
import io.octet.internal.kernel.Closing;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.plan.Buffer;
import io.octet.internal.plan.Plan;
import io.octet.internal.plan.PlanBuilder;
import io.octet.internal.select.Registry;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What the lowering of a node, or of several that one kernel takes, would add to a plan: steps,
/// rows of the explanation, forms of values, marks of what is done. Asking a backend is all that
/// happens before {@link #commit}; a draft that is closed without it leaves no trace. Drafts stand
/// in one another: an attempt in its node's, and that in the whole plan's, which makes what is
/// committed to it.
final class Draft implements AutoCloseable {
  /// A step with its row, or a row alone.
  ///
  /// @param spec null for a row alone
  /// @param accepted who runs it; null for whoever takes it once the step is made
  /// @param row null where another step of the node has it
  private record Entry(
      String label,
      KernelSpec spec,
      Registry.Selection accepted,
      List<Repr> from,
      List<Repr> to,
      Explanation.Row row) {}

  private final Scope scope;
  private final Draft outer;
  private final PlanBuilder builder;
  private final Deque<Entry> entries = new ArrayDeque<>();
  private final Set<String> done = new HashSet<>(); // names: a node's hash takes all its inputs
  private final Map<KernelSpec, Registry.Selection> asked = new IdentityHashMap<>();

  /// The values as they would be.
  final Values values;

  private Draft(Scope scope, Draft outer, PlanBuilder builder, boolean afresh) {
    this.scope = scope;
    this.outer = outer;
    this.builder = builder;
    this.values = new Values(scope, this, outer == null ? null : outer.values, afresh);
  }

  /// The draft of a whole plan: what is committed to it is made.
  static Draft of(Scope scope, PlanBuilder builder) {
    return new Draft(scope, null, builder, false);
  }

  /// A draft of something that may be added to this one.
  Draft draft() {
    return new Draft(scope, this, null, false);
  }

  /// A draft that is never committed, but timed: it sees values in the form in which they were made
  /// alone.
  Draft trial() {
    return new Draft(scope, this, null, true);
  }

  /// Asks the backends for what a step is to run. Returns null where one of them takes it, which is
  /// the step's then; else why none does.
  Reason refusal(KernelSpec spec) {
    Registry.Selection selection = scope.ask(spec);
    if (selection.kernel() == null) {
      return Reason.of(selection);
    }
    asked.put(spec, selection);
    return null;
  }

  /// A buffer for `desc`, of which the plan knows once a step writes it.
  static Repr fresh(TensorDesc desc) {
    return new Repr(Buffer.value(desc.bytes()), desc);
  }

  /// A step that makes what `spec` says: by whom was asked, or whoever takes it.
  ///
  /// @param row null where another step of the node has it
  List<Repr> step(String label, KernelSpec spec, List<Repr> from, Explanation.Row row) {
    List<Repr> to = spec.outputs().stream().map(Draft::fresh).toList();
    entries.add(new Entry(label, spec, asked.remove(spec), List.copyOf(from), to, row));
    return to;
  }

  Explanation explanation() {
    return new Explanation(scope, values);
  }

  /// The result of `node` lies in `y` already, maybe under another shape or meaning.
  void view(Node node, Repr y) {
    values.put(node.output(), y);
    Explanation.Row row = Explanation.view(node, y.desc());
    entries.add(new Entry(node.name(), null, null, List.of(), List.of(), row));
  }

  /// A step for `node` and its row, with what its kernel takes in; the result is put under the
  /// tail's name.
  void emit(Node node, KernelSpec spec, List<Repr> from, Tail tail, Reason reason) {
    values.put(tail.output(), serve(node, spec, from, tail, reason));
  }

  /// The same, but the result is left to the caller.
  Repr serve(Node node, KernelSpec spec, List<Repr> from, Tail tail, Reason reason) {
    Explanation.Row row = explanation().of(node, spec, tail, reason);
    done(tail.fused());
    done(tail.elided());
    return step(node.name(), spec, from, row).getFirst();
  }

  /// A step for `node` alone, which is whoever's that runs it.
  void emit(Node node, KernelSpec spec, List<Repr> from, Reason reason) {
    emit(node, spec, from, Tail.nothing(node), reason);
  }

  /// Marks nodes as lowered: they run inside another's kernel, or are plain views.
  void done(List<Node> nodes) {
    nodes.forEach(n -> done.add(n.name()));
  }

  boolean isDone(Node node) {
    for (Draft draft = this; draft != null; draft = draft.outer) {
      if (draft.done.contains(node.name())) {
        return true;
      }
    }
    return false;
  }

  /// Whether `node` was lowered in here.
  boolean hasDone(Node node) {
    return done.contains(node.name());
  }

  /// Adds all of this to the outer draft, or makes it where that is the whole plan's.
  void commit() {
    values.commit();
    outer.done.addAll(done);
    if (outer.builder != null) {
      make(outer.builder);
    } else {
      outer.entries.addAll(entries);
      entries.clear();
    }
  }

  /// Makes the kernels that are not made yet, and hands all of them over.
  private void make(PlanBuilder to) {
    while (!entries.isEmpty()) {
      Entry entry = entries.remove();
      Registry.Selection by = entry.accepted();
      if (entry.spec() != null) {
        by = by == null ? scope.demand(entry.label(), entry.spec()) : by;
        to.step(entry.label(), by.kernel(), buffers(entry.from()), buffers(entry.to()));
      }
      if (entry.row() != null) {
        to.row(entry.row().by(by));
      }
    }
  }

  private static List<Buffer> buffers(List<Repr> values) {
    return values.stream().map(Repr::buffer).toList();
  }

  /// The plan of this draft by itself, without an output: what others make for it is its input.
  Plan plan() {
    try (PlanBuilder own = new PlanBuilder()) {
      Set<Buffer> known = Collections.newSetFromMap(new IdentityHashMap<>());
      for (Entry entry : entries) {
        for (Repr x : entry.from()) {
          if (x.buffer().constant() == null && known.add(x.buffer())) {
            own.imported(new ValueInfo("", x.desc().type(), x.desc().shape()), x.buffer());
          }
        }
        known.addAll(buffers(entry.to()));
      }
      make(own);
      return own.plan(scope.context().constants());
    }
  }

  /// Frees the kernels that were made to answer and serve nobody.
  @Override
  public void close() {
    Closing closing = new Closing();
    for (Entry entry : entries) {
      if (entry.accepted() != null) {
        closing.close(entry.accepted().kernel());
      }
    }
    entries.clear();
    for (Registry.Selection selection : asked.values()) {
      closing.close(selection.kernel());
    }
    asked.clear();
    closing.end();
  }
}
