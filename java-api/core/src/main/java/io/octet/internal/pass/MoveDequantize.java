package io.octet.internal.pass;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Quantization;
import io.octet.graph.op.ValueInfo;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/// Moves the integers of a quantized constant instead of its floats: DequantizeLinear -> Transpose,
/// Reshape or Flatten becomes one DequantizeLinear of other integers. Exporters that quantize
/// weights before they transpose them write so, and layers want integers.
final class MoveDequantize {
  private final Graph graph;
  private final Map<String, ValueInfo> values;
  private final GrowthBudget budget;
  private final FreshNames names;
  private final Map<String, Tensor> constants;
  private final Map<String, Node> dequantizes = new HashMap<>();

  private MoveDequantize(Graph graph, Map<String, ValueInfo> values, GrowthBudget budget) {
    this.budget = budget;
    this.graph = graph;
    this.values = values;
    this.names = new FreshNames(graph);
    this.constants = new LinkedHashMap<>(graph.initializers());
  }

  static Graph rewrite(Graph graph, Map<String, ValueInfo> values, GrowthBudget budget) {
    return new MoveDequantize(graph, values, budget).run();
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
    Node dequantize = dequantizes.get(node.input(0));
    if (dequantize == null) {
      return Optional.empty();
    }
    Tensor q = constants.get(dequantize.input(0));
    boolean single = constants.get(dequantize.input(1)).elements() == 1;
    Shape to = values.get(node.output()).shape();
    int axis = ((Quantization.DequantizeLinear) dequantize.op()).axis();
    if (node.op() instanceof Movement.Transpose(List<Integer> perm)) {
      int channels = axis < 0 ? axis + q.shape().rank() : axis;
      int now = single ? axis : positionOf(channels, perm, to.rank());
      return Optional.of(replaced(node, dequantize, Rearrange.transpose(q, perm), now));
    }
    if (!(node.op() instanceof Movement.Reshape || node.op() instanceof Movement.Flatten)) {
      return Optional.empty();
    }
    OptionalInt now =
        single
            ? OptionalInt.of(axis)
            : Rearrange.axisAfterReshape(q.shape(), axis < 0 ? axis + q.shape().rank() : axis, to);
    return now.isPresent()
        ? Optional.of(replaced(node, dequantize, q.reshape(to), now.getAsInt()))
        : Optional.empty();
  }

  private static int positionOf(int axis, List<Integer> perm, int rank) {
    return IntStream.range(0, rank)
        .filter(i -> (perm.isEmpty() ? rank - 1 - i : perm.get(i)) == axis)
        .findFirst()
        .orElseThrow();
  }

  private Node replaced(Node node, Node dequantize, Tensor q, int axis) {
    String name = names.value(dequantize.input(0) + "." + node.name());
    constants.put(name, q);
    List<String> inputs = new ArrayList<>(dequantize.inputs());
    inputs.set(0, name);
    return new Node(node.name(), new Quantization.DequantizeLinear(axis), inputs, node.output());
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
