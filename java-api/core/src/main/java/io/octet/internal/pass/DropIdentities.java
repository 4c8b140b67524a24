package io.octet.internal.pass;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.Op;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Takes Identity and Dropout out. One that makes an output of the graph stays where its input
/// cannot take over the output's name: where that is an input, a constant or an output itself.
final class DropIdentities {
  private DropIdentities() {}

  static Graph rewrite(Graph graph) {
    Map<String, String> renamed = new HashMap<>();
    List<Node> kept = new ArrayList<>();
    for (Node node : graph.nodes()) {
      String from = node.input(0);
      String to = node.output();
      if (!isIdentity(node) || readsMask(graph, node)) {
        kept.add(node);
      } else if (!graph.isOutput(to)) {
        renamed.put(to, renamed.getOrDefault(from, from));
      } else {
        String source = renamed.getOrDefault(from, from);
        boolean taken = renamed.containsValue(to) || graph.isOutput(source);
        if (taken || graph.producer(source) == null || renamed.containsKey(source)) {
          kept.add(node);
        } else {
          renamed.put(source, to);
          renamed.replaceAll((_, target) -> target.equals(source) ? to : target);
        }
      }
    }
    if (renamed.isEmpty()) {
      return graph;
    }
    List<Node> nodes = new ArrayList<>();
    for (Node node : kept) {
      nodes.add(
          new Node(
              node.name(),
              node.op(),
              rename(node.inputs(), renamed),
              rename(node.outputs(), renamed)));
    }
    return graph.with(graph.initializers(), nodes);
  }

  private static boolean isIdentity(Node node) {
    return node.op() instanceof Op.Identity || node.op() instanceof Op.Dropout;
  }

  private static boolean readsMask(Graph graph, Node node) {
    return node.outputs().stream()
        .skip(1)
        .anyMatch(o -> graph.isOutput(o) || !graph.consumers(o).isEmpty());
  }

  private static List<String> rename(List<String> names, Map<String, String> renamed) {
    return names.stream().map(n -> renamed.getOrDefault(n, n)).toList();
  }
}
