package io.octet.internal.pass;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Unary;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The quantization groups of a prepared graph, as PyTorch's eager flow fuses them: a layer with a
/// following clamp, and Add with a following clamp. This is the one list of patterns: it serves
/// float graphs and graphs with QuantizeLinear nodes alike. A value that is an output of the graph,
/// or that somebody else reads, ends its group. Beyond PyTorch's there are products of two
/// activations, with a following clamp, and functions of one.
public final class Groups {
  private final List<Group> all;
  private final Map<String, Group> byNode = new HashMap<>();

  private Groups(List<Group> all) {
    this.all = List.copyOf(all);
    all.forEach(g -> g.nodes().forEach(n -> byNode.put(n.name(), g)));
  }

  /// Finds the groups of `graph`.
  ///
  /// @param onlyTorchs whether those that PyTorch's flow does not have are left out
  static Groups of(Inferred graph, boolean onlyTorchs) {
    List<Group> found = new ArrayList<>();
    Set<String> taken = new HashSet<>();
    for (Node node : graph.graph().nodes()) {
      if (!taken.contains(node.name())) {
        startingAt(graph, node)
            .ifPresent(
                group -> {
                  group.nodes().forEach(n -> taken.add(n.name()));
                  found.add(group);
                });
      }
    }
    if (!onlyTorchs) {
      addFunctions(graph, taken, found);
    }
    return new Groups(found);
  }

  private static void addFunctions(Inferred inferred, Set<String> taken, List<Group> found) {
    Graph graph = inferred.graph();
    for (Curve curve : CurveSearch.of(graph, inferred.values(), n -> !taken.contains(n.name()))) {
      if (curve.nodes().stream().anyMatch(n -> bends(graph, n))) {
        curve.nodes().forEach(n -> taken.add(n.name()));
        found.add(Group.of(curve));
      }
    }
    for (Node node : graph.nodes()) {
      if (!taken.contains(node.name()) && isOfActivations(graph, node, Binary.Mul.class)) {
        found.add(Group.of(Group.Kind.PRODUCT, node, Optional.empty(), clamp(graph, node, taken)));
      }
    }
  }

  /// Whether a function with that node is more than sums and products with numbers, and clamps.
  private static boolean bends(Graph graph, Node node) {
    boolean function = node.op() instanceof Unary && Interval.of(node.op()).isEmpty();
    long read = node.inputs().stream().filter(v -> !Constants.isKnown(graph, v)).count();
    return function || read > 1;
  }

  private static boolean isOfActivations(Graph graph, Node node, Class<? extends Binary> function) {
    return function.isInstance(node.op())
        && node.inputs().stream().noneMatch(v -> Constants.isKnown(graph, v));
  }

  private static Optional<Node> clamp(Graph graph, Node last, Set<String> taken) {
    return Optional.ofNullable(graph.soleReader(last.output()))
        .filter(next -> Interval.of(next.op()).isPresent() && !taken.contains(next.name()));
  }

  /// All groups, in the order of their cores.
  public List<Group> all() {
    return all;
  }

  /// The group that `node` belongs to.
  public Optional<Group> of(Node node) {
    return Optional.ofNullable(byNode.get(node.name()));
  }

  private static Optional<Group> startingAt(Inferred inferred, Node node) {
    Graph graph = inferred.graph();
    Optional<LayerNode> layer =
        LayerNode.of(graph, node)
            .filter(l -> !Constants.isKnown(graph, l.data()))
            .map(l -> l.withAdd(graph, v -> inferred.shape(v).rank()));
    boolean sum = isOfActivations(graph, node, Binary.Add.class);
    if (layer.isEmpty() && !sum) {
      return Optional.empty();
    }
    Node last = layer.map(LayerNode::last).orElse(node);
    Group.Kind kind = layer.isPresent() ? Group.Kind.LAYER : Group.Kind.SUM;
    return Optional.of(Group.of(kind, node, layer, clamp(graph, last, Set.of())));
  }
}
