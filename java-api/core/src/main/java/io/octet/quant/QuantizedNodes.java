package io.octet.quant;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Traits;
import io.octet.graph.op.ValueInfo;
import io.octet.internal.pass.Constants;
import io.octet.internal.pass.Group;
import io.octet.internal.pass.Groups;
import io.octet.internal.pass.Interval;
import io.octet.internal.pass.Prepared;
import io.octet.tensor.DataType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Which nodes of a prepared graph work on quantized values.
///
/// A layer or a sum is quantized unless the configuration keeps it in FP32; a product, and a
/// function of one value, where something quantized reads it, too. An operator that carries values
/// through (pooling, reshaping, Concat) is quantized where its input comes from a quantized
/// operator, or its output goes into one: then its output has its input's parameters.
final class QuantizedNodes {
  private final Prepared prepared;
  private final Told told;
  private final Map<String, String> kept;
  private final Map<String, ValueInfo> values;
  private final Set<String> names = new HashSet<>();

  private QuantizedNodes(Prepared prepared, Told told) {
    this.prepared = prepared;
    this.told = told;
    this.kept = KeptFloat.reasons(prepared, told);
    this.values = prepared.values();
  }

  static QuantizedNodes of(Prepared prepared, Told told) {
    QuantizedNodes nodes = new QuantizedNodes(prepared, told);
    nodes.mark();
    return nodes;
  }

  Graph graph() {
    return prepared.graph();
  }

  Groups groups() {
    return told.groups();
  }

  /// Every value of the graph, in its order.
  Map<String, ValueInfo> values() {
    return values;
  }

  /// Whether `node` works on quantized values.
  boolean contains(Node node) {
    return names.contains(node.name());
  }

  /// Whether `value` leaves a quantized operator, so that only its quantized form exists.
  private boolean leavesQuantized(String value) {
    Node producer = graph().producer(value);
    return producer != null && contains(producer);
  }

  /// What the nodes are told.
  Told told() {
    return told;
  }

  /// Whether `node` stays FP32 because the configuration says so, of it or of what reads it.
  boolean isKept(Node node) {
    return kept.containsKey(node.name());
  }

  /// Why `node` stays FP32.
  String reason(Node node) {
    String reason = kept.get(node.name());
    boolean decides = KeptFloat.TOLD.equals(reason) || canBeQuantized(node);
    if (reason != null && decides) {
      return reason;
    }
    boolean unread = groups().of(node).filter(g -> !g.isQuantizedAnywhere()).isPresent();
    return unread
        ? "no quantized operator reads what it makes"
        : new FloatReasons(graph(), values).of(node);
  }

  private boolean canBeQuantized(Node node) {
    return groups().of(node).isPresent() || passes(node);
  }

  /// Whether `node` is quantized by itself, outside of a group.
  boolean containsAlone(Node node) {
    return contains(node) && groups().of(node).isEmpty();
  }

  private void mark() {
    groups().all().stream()
        .filter(group -> group.isQuantizedAnywhere() && !isKept(group.core()))
        .forEach(this::add);
    Deque<Node> open = new ArrayDeque<>(graph().nodes());
    Set<String> waiting = new HashSet<>();
    open.forEach(n -> waiting.add(n.name()));
    while (!open.isEmpty()) {
      Node node = open.remove();
      waiting.remove(node.name());
      Optional<Group> group = groups().of(node).filter(g -> !g.isQuantizedAnywhere());
      if (!contains(node) && (group.isPresent() ? wantsInt8(group.get()) : wantsInt8(node))) {
        group.ifPresentOrElse(this::add, () -> names.add(node.name()));
        neighbours(node, group).stream().filter(n -> waiting.add(n.name())).forEach(open::add);
      }
    }
  }

  private void add(Group group) {
    group.nodes().forEach(n -> names.add(n.name()));
  }

  /// Nodes that a newly quantized one may persuade.
  private List<Node> neighbours(Node node, Optional<Group> group) {
    List<String> outputs = group.map(g -> List.of(g.output())).orElseGet(node::outputs);
    List<Node> near = new ArrayList<>();
    outputs.forEach(value -> near.addAll(graph().consumers(value)));
    for (String value : group.map(Group::dataInputs).orElseGet(node::data)) {
      if (graph().producer(value) != null) {
        near.add(graph().producer(value));
      }
    }
    near.removeIf(n -> contains(n) || !passes(n) && groups().of(n).isEmpty());
    return near;
  }

  /// A product, or a function of one value, is worth it where a quantized operator reads it.
  private boolean wantsInt8(Group group) {
    return !isKept(group.core())
        && group.dataInputs().stream().allMatch(this::isActivation)
        && isDemanded(group.output());
  }

  private boolean wantsInt8(Node node) {
    List<String> data = node.data();
    if (isKept(node) || !passes(node) || data.stream().anyMatch(v -> !isActivation(v))) {
      return false;
    }
    return data.stream().anyMatch(this::leavesQuantized)
        || !isLoneClamp(node) && node.outputs().stream().anyMatch(this::isDemanded);
  }

  /// Whether a quantized operator reads `value` as data.
  boolean isDemanded(String value) {
    return graph().consumers(value).stream()
        .anyMatch(n -> contains(n) && entersQuantized(n, value));
  }

  private boolean entersQuantized(Node node, String value) {
    Optional<Group> group = groups().of(node);
    return group.isEmpty()
        ? node.data().contains(value)
        : group.get().nodes().contains(node) && group.get().dataInputs().contains(value);
  }

  boolean isActivation(String value) {
    return !Constants.isKnown(graph(), value) && values.get(value).type() == DataType.F32;
  }

  /// Whether `node` can work on quantized values outside of a group.
  private boolean passes(Node node) {
    return carries(node) || isLoneClamp(node);
  }

  /// Whether the output of `node` has its inputs' parameters.
  boolean carries(Node node) {
    if (isClamp(node)) {
      return switch (told.settings(node).activations()) {
        case BY_SIGN, SYMMETRIC -> false;
        case AFFINE, AFFINE_REDUCED -> true;
      };
    }
    Traits traits = node.op().traits();
    return traits.int8() && traits.values() != Traits.Values.NEW;
  }

  private static boolean isClamp(Node node) {
    return Interval.of(node.op()).isPresent();
  }

  /// A Relu or Clip that no layer takes in. PyTorch carries parameters through it; `auto` observes
  /// behind it, since a symmetric range wastes half of its steps there.
  boolean isLoneClamp(Node node) {
    return !carries(node) && isClamp(node);
  }
}
