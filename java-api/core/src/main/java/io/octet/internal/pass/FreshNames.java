package io.octet.internal.pass;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// Names that no value and no node of a graph bears yet.
public final class FreshNames {
  private final Set<String> values = new HashSet<>();
  private final Set<String> nodes = new HashSet<>();
  private final Map<String, Integer> lastOfValues = new HashMap<>();
  private final Map<String, Integer> lastOfNodes = new HashMap<>();

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
    return fresh(values, lastOfValues, wanted);
  }

  /// `wanted`, or `wanted` with a number where that is taken; taken from now on.
  public String node(String wanted) {
    return fresh(nodes, lastOfNodes, wanted);
  }

  /// Goes on counting where the last caller who wanted the same name stopped.
  private static String fresh(Set<String> taken, Map<String, Integer> last, String wanted) {
    if (taken.add(wanted)) {
      return wanted;
    }
    int i = last.getOrDefault(wanted, 0);
    String name;
    do {
      i++;
      name = wanted + "_" + i;
    } while (!taken.add(name));
    last.put(wanted, i);
    return name;
  }
}
