package io.octet.internal.lower;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.ValueInfo;
import io.octet.internal.pass.FoldConstants;
import io.octet.internal.pass.GrowthBudget;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What of a graph a run must compute once the shapes of its inputs are known. Whatever decides
/// shapes (Shape, and the arithmetic behind it), and what follows from that alone (positions,
/// masks), is known then and is a constant of the plan; what nobody reads after that is left out.
/// Neither has a row in the explanation: a run does nothing for it.
final class Needed {
  /// Elements of what is computed ahead: more would cost each plan its memory.
  private static final int MOST_ELEMENTS = 1 << 16;

  private final Graph graph;
  private final Map<String, ValueInfo> infos;
  private final Map<String, Tensor> known = new HashMap<>();

  private Needed(Graph graph, Map<String, ValueInfo> infos) {
    this.graph = graph;
    this.infos = infos;
  }

  /// The same graph where all of it is needed.
  static Graph of(Graph graph, Map<String, ValueInfo> infos) {
    return new Needed(graph, infos).run();
  }

  private Graph run() {
    graph.nodes().forEach(this::look);
    Set<String> read = new HashSet<>();
    graph.outputs().forEach(output -> read.add(output.name()));
    List<Node> kept = new ArrayList<>();
    for (Node node : graph.nodes().reversed()) {
      if (!node.outputs().stream().allMatch(v -> !read.contains(v) || known.containsKey(v))) {
        kept.addFirst(node);
        read.addAll(node.inputs());
      }
    }
    if (kept.size() == graph.nodes().size()) {
      return graph;
    }
    Map<String, Tensor> constants = new LinkedHashMap<>(graph.initializers());
    constants.putAll(known);
    kept.forEach(node -> node.outputs().forEach(constants::remove));
    return graph.with(constants, kept);
  }

  /// Notes what is known of a node's results.
  private void look(Node node) {
    for (String output : node.outputs()) {
      Optional.ofNullable(infos.get(output))
          .flatMap(ValueInfo::constant)
          .ifPresent(t -> known.put(output, t));
    }
    boolean follows = node.inputs().stream().anyMatch(known::containsKey);
    if (follows && !node.outputs().stream().allMatch(known::containsKey) && isSmall(node)) {
      FoldConstants.evaluate(node, this::constant, new GrowthBudget())
          .ifPresent(made -> put(node, made));
    }
  }

  private void put(Node node, List<Tensor> made) {
    for (int i = 0; i < made.size(); i++) {
      if (!node.outputs().get(i).isEmpty()) {
        known.put(node.outputs().get(i), made.get(i));
      }
    }
  }

  private Tensor constant(String value) {
    return known.getOrDefault(value, graph.constant(value));
  }

  private boolean isSmall(Node node) {
    return node.outputs().stream()
        .map(infos::get)
        .allMatch(
            y -> y != null && y.shape().isConcrete() && y.shape().elements() <= MOST_ELEMENTS);
  }
}
