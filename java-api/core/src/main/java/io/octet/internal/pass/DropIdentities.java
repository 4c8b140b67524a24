package io.octet.internal.pass;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/// Takes out what only copies: Identity, and Dropout. One that makes an output of the graph stays
/// where its input cannot take over the output's name: where that is an input, a constant or an
/// output itself.
final class DropIdentities {
  private DropIdentities() {}

  static Graph rewrite(Graph graph) {
    Map<String, String> dropped = new HashMap<>(); // an Identity's result: what it copies
    Map<String, String> promoted = new HashMap<>(); // a value: the output whose name it takes over
    List<Node> kept = new ArrayList<>();
    for (Node node : graph.nodes()) {
      String source = dropped.getOrDefault(node.input(0), node.input(0));
      String to = node.output();
      if (!node.isCopy() || readsMask(graph, node)) {
        kept.add(node);
      } else if (!graph.isOutput(to)) {
        dropped.put(to, source);
      } else if (graph.isOutput(source)
          || graph.producer(source) == null
          || promoted.containsKey(source)) {
        kept.add(node);
      } else {
        promoted.put(source, to);
      }
    }
    if (dropped.isEmpty() && promoted.isEmpty()) {
      return graph;
    }
    UnaryOperator<String> renamed =
        name -> {
          String source = dropped.getOrDefault(name, name);
          return promoted.getOrDefault(source, source);
        };
    List<Node> nodes = new ArrayList<>();
    for (Node node : kept) {
      nodes.add(
          new Node(
              node.name(),
              node.op(),
              node.inputs().stream().map(renamed).toList(),
              node.outputs().stream().map(renamed).toList()));
    }
    return graph.with(graph.initializers(), nodes);
  }

  private static boolean readsMask(Graph graph, Node node) {
    return node.outputs().stream()
        .skip(1)
        .anyMatch(o -> graph.isOutput(o) || !graph.consumers(o).isEmpty());
  }
}
