package io.octet.internal.pass;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A function of one value, whatever number of nodes an exporter writes for it: x * sigmoid(x), or
/// a Gelu in five steps. Nobody outside reads what lies between them. Between int8 values it is a
/// table of 256.
///
/// @param input the value
/// @param nodes in the graph's order; the last one makes the result
public record Curve(String input, List<Node> nodes) {
  /// Copies the list.
  public Curve {
    nodes = List.copyOf(nodes);
  }

  /// The node that makes the result.
  public Node last() {
    return nodes.getLast();
  }

  /// The result.
  public String output() {
    return last().output();
  }

  /// Those of the nodes that compute, and do not only change types.
  public List<Node> functions() {
    return nodes.stream()
        .filter(n -> !QdqNodes.isQuantize(n) && !QdqNodes.isDequantize(n))
        .toList();
  }

  /// What the function makes of the numbers `x` [n]: each node by itself, rounded as it is by
  /// definition.
  ///
  /// @param graph the graph that it stands in
  public Tensor of(Graph graph, Tensor x) {
    Map<String, Tensor> made = new HashMap<>(Map.of(input, x));
    GrowthBudget budget = new GrowthBudget();
    for (Node node : nodes) {
      Tensor y =
          QdqNodes.isDequantize(node)
              ? FoldConstants.dequantize(node, v -> value(graph, made, v), budget)
              : FoldConstants.evaluate(node, v -> value(graph, made, v), budget)
                  .orElseThrow()
                  .getFirst();
      made.put(node.output(), y);
    }
    return made.get(output());
  }

  private static Tensor value(Graph graph, Map<String, Tensor> made, String name) {
    Tensor known = made.get(name);
    if (known == null) {
      Tensor constant = graph.constant(name);
      known = (constant != null ? constant : Constants.floats(graph, name)).reshape(Shape.of());
    }
    return known;
  }
}
