package io.octet.internal.pass;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Product;
import io.octet.graph.op.ValueInfo;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Writes every Linear in one way: `Gemm` with alpha = beta = 1, weights [out, in] (transB) and a
/// bias `[out]` or none. Such are a Gemm with constant weights, and a MatMul of a matrix with one.
final class ToLinear {
  private static final Product.Gemm LINEAR = new Product.Gemm(1, 1, false, true);

  /// Weights as a layer wants them.
  private record Form(String weights, float alpha, boolean transposed) {}

  private final Graph graph;
  private final Rewrite rewrite;
  private final GrowthBudget budget;
  private final Map<Form, String> forms = new HashMap<>();

  private ToLinear(Graph graph, GrowthBudget budget) {
    this.budget = budget;
    this.graph = graph;
    this.rewrite = new Rewrite(graph);
  }

  /// Whether `layer` has the form that this pass gives.
  static boolean isLinear(Graph graph, LayerNode layer) {
    return layer.core().op().equals(LINEAR)
        && isFloat(graph, layer.weights())
        && (!layer.hasBias()
            || isFloat(graph, layer.bias())
                && graph.constant(layer.bias()).shape().equals(Shape.of(layer.channels())));
  }

  static Graph rewrite(Graph graph, Map<String, ValueInfo> values, GrowthBudget budget) {
    return new ToLinear(graph, budget).run(values);
  }

  private Graph run(Map<String, ValueInfo> values) {
    for (Node node : graph.nodes()) {
      LayerNode.of(graph, node)
          .filter(l -> isProductOfMatrices(l, values) && hasFloats(l) && !isLinear(graph, l))
          .ifPresent(this::linear);
    }
    return rewrite.apply();
  }

  private static boolean isProductOfMatrices(LayerNode layer, Map<String, ValueInfo> values) {
    return !layer.isConv() && values.get(layer.data()).shape().rank() == 2;
  }

  private boolean hasFloats(LayerNode layer) {
    return isFloat(graph, layer.weights()) && (!layer.hasBias() || isFloat(graph, layer.bias()));
  }

  private void linear(LayerNode layer) {
    Node node = layer.core();
    int out = Math.toIntExact(layer.channels());
    List<String> inputs = new ArrayList<>(List.of(layer.data()));
    inputs.add(weights(layer));
    if (layer.hasBias()) {
      budget.take(node, Shape.of(out), DataType.F32);
      float[] bias = Constants.spread(graph.constant(layer.bias()), out);
      for (int i = 0; i < out; i++) {
        bias[i] *= layer.beta();
      }
      inputs.add(rewrite.constant(node, layer.bias(), "", Tensor.of(bias, out)));
    }
    rewrite.replace(node, new Node(node.name(), LINEAR, inputs, node.outputs()));
  }

  /// The name of a layer's weights [out, in]: one for all layers that read the same ones alike.
  private String weights(LayerNode layer) {
    String old = layer.weights();
    boolean transposed = layer.channelAxis() == 1;
    if (layer.alpha() == 1 && !transposed) {
      return old;
    }
    Form form = new Form(old, layer.alpha(), transposed);
    String made = forms.get(form);
    if (made == null) {
      Tensor from = graph.constant(old);
      budget.take(layer.core(), from.shape(), DataType.F32);
      Tensor oriented = transposed ? Constants.transposed(from) : from;
      Tensor to = layer.alpha() == 1 ? oriented : Constants.scaled(oriented, layer.alpha());
      made = rewrite.constant(layer.core(), old, "", to);
      forms.put(form, made);
    }
    return made;
  }

  private static boolean isFloat(Graph graph, String name) {
    Tensor t = graph.constant(name);
    return t != null && t.type() == DataType.F32;
  }
}
