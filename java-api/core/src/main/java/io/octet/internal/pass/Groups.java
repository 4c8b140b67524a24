package io.octet.internal.pass;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Binary;
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
/// or that somebody else reads, ends its group.
public final class Groups {
  private final List<Group> all;
  private final Map<String, Group> byNode = new HashMap<>();

  private Groups(List<Group> all) {
    this.all = List.copyOf(all);
    all.forEach(g -> g.nodes().forEach(n -> byNode.put(n.name(), g)));
  }

  /// Finds the groups of `graph`.
  static Groups of(Inferred graph) {
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
    return new Groups(found);
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
    boolean sum =
        node.op() instanceof Binary.Add
            && node.inputs().stream().noneMatch(v -> Constants.isKnown(graph, v));
    if (layer.isEmpty() && !sum) {
      return Optional.empty();
    }
    Node last = layer.map(LayerNode::last).orElse(node);
    Optional<Node> clamp =
        Optional.ofNullable(graph.soleReader(last.output()))
            .filter(next -> Interval.of(next.op()).isPresent());
    return Optional.of(new Group(node, layer, clamp));
  }
}
