package io.octet.internal.pass;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Product;
import io.octet.graph.op.ValueInfo;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Writes every Linear in one way: `Gemm` with alpha = beta = 1, weights [out, in] (transB) and a
/// bias [out] or none. Such are a Gemm with constant weights, and a MatMul of a matrix with one.
final class ToLinear {
  private static final Product.Gemm LINEAR = new Product.Gemm(1, 1, false, true);

  /// Weights as a layer wants them.
  private record Form(String weights, float alpha, boolean transB) {}

  private final Graph graph;
  private final Rewrite rewrite;
  private final GrowthBudget budget;
  private final Map<Form, String> forms = new HashMap<>();

  private ToLinear(Graph graph, GrowthBudget budget) {
    this.budget = budget;
    this.graph = graph;
    this.rewrite = new Rewrite(graph);
  }

  /// Whether `node` has the form that this pass gives.
  static boolean isLinear(Graph graph, Node node) {
    return node.op().equals(LINEAR)
        && isWeight(graph, node.input(1))
        && (!node.hasInput(2)
            || isWeight(graph, node.input(2))
                && graph
                    .constant(node.input(2))
                    .shape()
                    .equals(Shape.of(graph.constant(node.input(1)).shape().size(0))));
  }

  static Graph rewrite(Graph graph, Map<String, ValueInfo> values, GrowthBudget budget) {
    return new ToLinear(graph, budget).run(values);
  }

  private Graph run(Map<String, ValueInfo> values) {
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Product.Gemm gemm) {
        gemm(node, gemm);
      } else if (node.op() instanceof Product.MatMul
          && isWeight(graph, node.input(1))
          && graph.constant(node.input(1)).shape().rank() == 2
          && values.get(node.input(0)).shape().rank() == 2) {
        gemm(node, new Product.Gemm(1, 1, false, false));
      }
    }
    return rewrite.apply();
  }

  private void gemm(Node node, Product.Gemm gemm) {
    if (isLinear(graph, node)
        || gemm.transA()
        || graph.constant(node.input(0)) != null
        || !isWeight(graph, node.input(1))) {
      return;
    }
    int out = Math.toIntExact(graph.constant(node.input(1)).shape().size(gemm.transB() ? 0 : 1));
    boolean hasBias = node.hasInput(2) && gemm.beta() != 0;
    if (hasBias && !isVector(graph.constant(node.input(2)), out)) {
      return;
    }
    List<String> inputs = new ArrayList<>(List.of(node.input(0)));
    inputs.add(weights(node, gemm));
    if (hasBias) {
      budget.take(node, Shape.of(out), DataType.F32);
      float[] bias = spread(graph.constant(node.input(2)), out);
      for (int i = 0; i < out; i++) {
        bias[i] *= gemm.beta();
      }
      inputs.add(rewrite.constant(node, node.input(2), "", Tensor.of(bias, out)));
    }
    rewrite.replace(node, new Node(node.name(), LINEAR, inputs, node.outputs()));
  }

  /// The name of a layer's weights [out, in]: one for all layers that read the same ones alike.
  private String weights(Node node, Product.Gemm gemm) {
    String old = node.input(1);
    if (gemm.alpha() == 1 && gemm.transB()) {
      return old;
    }
    Form form = new Form(old, gemm.alpha(), gemm.transB());
    String made = forms.get(form);
    if (made == null) {
      budget.take(node, graph.constant(old).shape(), DataType.F32);
      made = rewrite.constant(node, old, "", weights(graph.constant(old), gemm));
      forms.put(form, made);
    }
    return made;
  }

  private static Tensor weights(Tensor b, Product.Gemm gemm) {
    int rows = Math.toIntExact(b.shape().size(0));
    int columns = Math.toIntExact(b.shape().size(1));
    float[] from = b.toFloats();
    float[] to = new float[from.length];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        float value = gemm.alpha() * from[i * columns + j];
        to[gemm.transB() ? i * columns + j : j * rows + i] = value;
      }
    }
    return gemm.transB() ? Tensor.of(to, rows, columns) : Tensor.of(to, columns, rows);
  }

  /// Whether `t` is a float for each of the last axis's `size` elements, or one for all.
  static boolean isVector(Tensor t, long size) {
    if (t == null || t.type() != DataType.F32) {
      return false;
    }
    Shape shape = t.shape();
    return t.elements() == 1 || t.elements() == size && shape.size(shape.rank() - 1) == size;
  }

  /// `t`, one for each of `size` elements.
  static float[] spread(Tensor t, int size) {
    float[] values = t.toFloats();
    if (values.length == 1) {
      float[] all = new float[size];
      Arrays.fill(all, values[0]);
      return all;
    }
    return values;
  }

  private static boolean isWeight(Graph graph, String name) {
    Tensor t = graph.constant(name);
    return t != null && t.type() == DataType.F32;
  }
}
