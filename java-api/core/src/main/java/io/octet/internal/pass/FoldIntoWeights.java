package io.octet.internal.pass;

import io.octet.OctetException.InvalidModel;
import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.Op;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// Folds what follows a convolution or Linear into its weights and bias: a BatchNormalization, or
/// the sum with a constant for each channel (a MatMul + Add is a Linear with bias). The merged node
/// keeps the layer's name and makes the follower's output. The arithmetic is PyTorch's
/// (`fuse_conv_bn_weights`), in float and in its order, so that folded weights equal its own.
final class FoldIntoWeights {
  private FoldIntoWeights() {}

  static Graph rewrite(Graph graph) {
    Graph before = graph;
    Graph after = once(before);
    while (after != before) {
      before = after;
      after = once(before);
    }
    return after;
  }

  private static Graph once(Graph graph) {
    Rewrite rewrite = new Rewrite(graph);
    for (Node node : graph.nodes()) {
      Node next = isLayer(graph, node) ? Rewrite.onlyConsumer(graph, node.output()) : null;
      if (next == null || rewrite.touched(node)) {
        continue;
      }
      if (next.op() instanceof Op.BatchNormalization norm && allConstant(graph, next)) {
        batchNorm(graph, node, next, norm, rewrite);
      } else if (next.op() instanceof Op.Add) {
        add(graph, node, next, rewrite);
      }
    }
    return rewrite.apply();
  }

  private static boolean isLayer(Graph graph, Node node) {
    return ToLinear.isLinear(graph, node)
        || node.op() instanceof Op.Conv
            && isFloat(graph, node.input(1))
            && (!node.hasInput(2) || isFloat(graph, node.input(2)));
  }

  private static boolean isFloat(Graph graph, String name) {
    return graph.constant(name) != null && graph.constant(name).type() == DataType.F32;
  }

  private static boolean allConstant(Graph graph, Node norm) {
    return norm.inputs().stream().skip(1).allMatch(i -> isFloat(graph, i));
  }

  private static void batchNorm(
      Graph graph, Node layer, Node norm, Op.BatchNormalization op, Rewrite rewrite) {
    float[] weight = graph.constant(norm.input(1)).toFloats();
    float[] shift = graph.constant(norm.input(2)).toFloats();
    float[] mean = graph.constant(norm.input(3)).toFloats();
    float[] variance = graph.constant(norm.input(4)).toFloats();
    Tensor old = graph.constant(layer.input(1));
    float[] values = old.toFloats();
    float[] bias = bias(graph, layer, weight.length);
    int each = values.length / weight.length;
    for (int c = 0; c < weight.length; c++) {
      float positive = variance[c] + op.epsilon();
      if (!(positive > 0)) {
        throw new InvalidModel(
            "variance \""
                + norm.input(4)
                + "\" of "
                + norm
                + " plus epsilon must be positive, but"
                + " is "
                + positive
                + " at element "
                + c);
      }
      float deviation = 1f / (float) Math.sqrt(positive);
      float scale = weight[c] * deviation;
      for (int i = c * each; i < (c + 1) * each; i++) {
        values[i] *= scale;
      }
      bias[c] =
          layer.op() instanceof Op.Conv
              ? (bias[c] - mean[c]) * deviation * weight[c] + shift[c]
              : (bias[c] - mean[c]) * scale + shift[c];
    }
    String w = rewrite.constant(layer, layer.input(1), "", Tensor.of(values, old.shape().sizes()));
    merge(layer, norm, w, bias, rewrite);
  }

  private static void add(Graph graph, Node layer, Node add, Rewrite rewrite) {
    boolean first = add.input(0).equals(layer.output());
    Tensor term = graph.constant(add.input(first ? 1 : 0));
    int channels = Math.toIntExact(graph.constant(layer.input(1)).shape().size(0));
    int after = layer.op() instanceof Op.Conv ? 2 : 0;
    if (!isPerChannel(term, channels, after)) {
      return;
    }
    float[] sum = ToLinear.spread(term, channels);
    float[] bias = bias(graph, layer, channels);
    for (int i = 0; i < channels; i++) {
      bias[i] += sum[i];
    }
    merge(layer, add, layer.input(1), bias, rewrite);
  }

  /// Whether adding `term` adds one number to each channel and makes nothing larger.
  ///
  /// @param after number of axes behind the channels
  private static boolean isPerChannel(Tensor term, int channels, int after) {
    if (term == null || term.type() != DataType.F32 || term.shape().rank() > after + 2) {
      return false;
    }
    Shape shape = term.shape();
    int at = shape.rank() - 1 - after;
    return term.elements() == 1
        || at >= 0 && term.elements() == channels && shape.size(at) == channels;
  }

  private static float[] bias(Graph graph, Node layer, int channels) {
    return layer.hasInput(2) ? graph.constant(layer.input(2)).toFloats() : new float[channels];
  }

  private static void merge(Node layer, Node next, String w, float[] bias, Rewrite rewrite) {
    String wanted = layer.input(1).replaceFirst("weight$", "");
    wanted = wanted.equals(layer.input(1)) ? wanted + ".bias" : wanted + "bias";
    String b = rewrite.constant(layer, layer.input(2), wanted, Tensor.of(bias, bias.length));
    List<String> inputs = new ArrayList<>(List.of(layer.input(0), w, b));
    rewrite.remove(layer);
    rewrite.replace(next, new Node(layer.name(), layer.op(), inputs, next.output()));
  }
}
