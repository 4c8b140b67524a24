package io.octet.internal.pass;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import java.util.HashSet;
import java.util.Set;

/// Names that no value and no node of a graph bears yet.
public final class FreshNames {
  private final Set<String> values = new HashSet<>();
  private final Set<String> nodes = new HashSet<>();

  /// Everything in `graph` is taken.
  public FreshNames(Graph graph) {
    values.addAll(graph.initializers().keySet());
    graph.inputs().forEach(i -> values.add(i.name()));
    for (Node node : graph.nodes()) {
      nodes.add(node.name());
      values.addAll(node.outputs());
    }
  }

  /// `wanted`, or `wanted` with a number where that is taken; taken from now on.
  public String value(String wanted) {
    return fresh(values, wanted);
  }

  /// `wanted`, or `wanted` with a number where that is taken; taken from now on.
  public String node(String wanted) {
    return fresh(nodes, wanted);
  }

  private static String fresh(Set<String> taken, String wanted) {
    String name = wanted;
    for (int i = 1; !taken.add(name); i++) {
      name = wanted + "_" + i;
    }
    return name;
  }
}
