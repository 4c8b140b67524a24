package io.octet.internal.pass;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Product;
import io.octet.graph.op.ValueInfo;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A MatMul with one matrix of constant weights that is written as a batch, [1,K,N], is one with
/// [K,N], and so a layer: its data already has the axes that the batch would add. Puts a Reshape
/// before such weights, which the passes behind fold away.
final class DropUnitBatches {
  private static final Dim ONE = new Dim.Fixed(1);

  private DropUnitBatches() {}

  static Graph rewrite(Graph graph, Map<String, ValueInfo> values) {
    Map<String, Tensor> constants = new LinkedHashMap<>(graph.initializers());
    FreshNames names = new FreshNames(graph);
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (!(node.op() instanceof Product.MatMul) || !isUnitBatch(graph, values, node)) {
        nodes.add(node);
        continue;
      }
      String weights = node.input(1);
      Shape shape = values.get(weights).shape();
      int rank = shape.rank();
      String sizes = names.value(weights + ".shape");
      constants.put(sizes, Tensor.of(new long[] {shape.size(rank - 2), shape.size(rank - 1)}, 2));
      String matrix = names.value(weights + ".matrix");
      nodes.add(
          new Node(
              names.node(node.name() + ".matrix"),
              new Movement.Reshape(false),
              List.of(weights, sizes),
              matrix));
      nodes.add(new Node(node.name(), node.op(), List.of(node.input(0), matrix), node.outputs()));
    }
    return nodes.size() == graph.nodes().size() ? graph : graph.with(constants, nodes);
  }

  private static boolean isUnitBatch(Graph graph, Map<String, ValueInfo> values, Node node) {
    Shape shape = values.get(node.input(1)).shape();
    int batches = shape.rank() - 2;
    boolean known = batches > 0 && Constants.isKnown(graph, node.input(1)) && shape.isConcrete();
    return known
        && shape.dims().subList(0, batches).stream().allMatch(ONE::equals)
        && shape.elements() > 0
        && values.get(node.input(0)).shape().rank() >= shape.rank();
  }
}
