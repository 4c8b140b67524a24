package io.octet.internal.pass;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Quantization;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Moves the integers of a quantized constant instead of its floats: DequantizeLinear -> Transpose,
/// Reshape, Flatten and the like become one DequantizeLinear of other integers. Exporters that
/// quantize weights before they transpose them write so, and layers want integers.
final class MoveDequantize implements QuantizedMove.Store {
  private final Graph graph;
  private final GrowthBudget budget;
  private final FreshNames names;
  private final Map<String, Tensor> constants;
  private final Map<String, Node> dequantizes = new HashMap<>();

  private MoveDequantize(Graph graph, GrowthBudget budget) {
    this.budget = budget;
    this.graph = graph;
    this.names = new FreshNames(graph);
    this.constants = new LinkedHashMap<>(graph.initializers());
  }

  static Graph rewrite(Graph graph, GrowthBudget budget) {
    return new MoveDequantize(graph, budget).run();
  }

  private Graph run() {
    List<Node> nodes = new ArrayList<>();
    boolean changed = false;
    for (Node node : graph.nodes()) {
      Node kept = moved(node).orElse(node);
      changed |= kept != node;
      nodes.add(kept);
      if (kept.op() instanceof Quantization.DequantizeLinear
          && kept.inputs().stream().allMatch(i -> i.isEmpty() || constants.containsKey(i))) {
        dequantizes.put(kept.output(), kept);
      }
    }
    return changed ? withoutUnread(graph.with(constants, nodes)) : graph;
  }

  /// The DequantizeLinear that stands for `node`, where it moves a quantized constant.
  private Optional<Node> moved(Node node) {
    return Optional.ofNullable(dequantizes.get(node.input(0)))
        .flatMap(dequantize -> QuantizedMove.rewrite(node, dequantize, this, budget));
  }

  @Override
  public Tensor get(String name) {
    return constants.get(name);
  }

  @Override
  public String add(String wanted, Tensor constant) {
    String name = names.value(wanted);
    constants.put(name, constant);
    return name;
  }

  /// Without the DequantizeLinear nodes of constants that nobody reads any more.
  private Graph withoutUnread(Graph changed) {
    List<Node> read =
        changed.nodes().stream()
            .filter(
                n ->
                    !dequantizes.containsKey(n.output())
                        || changed.isOutput(n.output())
                        || !changed.consumers(n.output()).isEmpty())
            .toList();
    return changed.with(changed.initializers(), read);
  }
}
