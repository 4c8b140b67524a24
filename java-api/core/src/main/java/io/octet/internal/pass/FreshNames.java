package io.octet.internal.pass;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import java.util.HashSet;
import java.util.Set;

/// Names that no value and no node of a graph bears yet.
public final class FreshNames {
  private final Names values;
  private final Names nodes;

  /// Everything in `graph` is taken.
  public FreshNames(Graph graph) {
    Set<String> ofValues = new HashSet<>(graph.initializers().keySet());
    Set<String> ofNodes = new HashSet<>();
    graph.inputs().forEach(i -> ofValues.add(i.name()));
    for (Node node : graph.nodes()) {
      ofNodes.add(node.name());
      ofValues.addAll(node.outputs());
    }
    values = new Names(ofValues, 1);
    nodes = new Names(ofNodes, 1);
  }

  /// `wanted`, or `wanted` with a number where that is taken; taken from now on.
  public String value(String wanted) {
    return values.fresh(wanted);
  }

  /// `wanted`, or `wanted` with a number where that is taken; taken from now on.
  public String node(String wanted) {
    return nodes.fresh(wanted);
  }
}
