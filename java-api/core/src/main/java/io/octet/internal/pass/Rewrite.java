package io.octet.internal.pass;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Changes to a graph, collected against its unchanged state and then applied at once.
final class Rewrite {
  private final Graph graph;
  private final FreshNames names;
  private final Map<String, Tensor> constants;
  private final Map<String, Node> replaced = new HashMap<>();
  private final Set<String> removed = new HashSet<>();

  Rewrite(Graph graph) {
    this.graph = graph;
    this.names = new FreshNames(graph);
    this.constants = new LinkedHashMap<>(graph.initializers());
  }

  /// Puts a constant that `node` is to read in the place of `old`, under the old name where nobody
  /// else reads that.
  ///
  /// @param old name of the constant that it replaces, or ""
  /// @param wanted name where there is no old one
  /// @return its name
  String constant(Node node, String old, String wanted, Tensor value) {
    boolean own = !old.isEmpty() && graph.soleReader(old) == node;
    String name = own ? old : names.value(old.isEmpty() ? wanted : old + "." + node.name());
    constants.put(name, value);
    return name;
  }

  /// Puts `by` in the place of `node`.
  void replace(Node node, Node by) {
    replaced.put(node.name(), by);
  }

  /// Takes `node` out.
  void remove(Node node) {
    removed.add(node.name());
  }

  /// The graph with all changes; the same one where there are none.
  Graph apply() {
    if (replaced.isEmpty() && removed.isEmpty()) {
      return graph;
    }
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (!removed.contains(node.name())) {
        nodes.add(replaced.getOrDefault(node.name(), node));
      }
    }
    return graph.with(constants, nodes);
  }
}
