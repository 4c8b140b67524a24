package io.octet.internal.pass;

import io.octet.OctetException.InvalidModel;
import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Normalization;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.List;

/// Folds what follows a convolution or Linear into its weights and bias: a BatchNormalization, or
/// the sum with a constant for each channel (a MatMul + Add is a Linear with bias), or the product
/// with one. The merged node keeps the layer's name and makes the follower's output. The arithmetic
/// is PyTorch's (`fuse_conv_bn_weights`), in float and in its order, so that folded weights equal
/// its own.
final class FoldIntoWeights {
  private static final float LARGEST = 1e30f;

  private final Graph graph;
  private final Rewrite rewrite;
  private final GrowthBudget budget;

  private FoldIntoWeights(Graph graph, GrowthBudget budget) {
    this.budget = budget;
    this.graph = graph;
    this.rewrite = new Rewrite(graph);
  }

  static Graph rewrite(Graph graph, GrowthBudget budget) {
    return new FoldIntoWeights(graph, budget).run();
  }

  private Graph run() {
    for (Node node : graph.nodes()) {
      LayerNode.of(graph, node).filter(this::isFoldable).ifPresent(this::fold);
    }
    return rewrite.apply();
  }

  /// What becomes of a layer while its followers are taken in, one after the other.
  private static final class Merged {
    final LayerNode layer;
    final Tensor oldWeights;
    float[] weights; // null while they are the old ones
    float[] bias;
    Node last;

    Merged(Graph graph, LayerNode layer) {
      this.layer = layer;
      this.last = layer.core();
      this.oldWeights = graph.constant(layer.weights());
    }

    /// The weights so far, in an array that may be changed.
    float[] values() {
      return weights == null ? oldWeights.toFloats() : weights;
    }
  }

  private void fold(LayerNode layer) {
    Merged merged = new Merged(graph, layer);
    Node next = graph.soleReader(layer.core().output());
    while (next != null && takesIn(merged, next)) {
      rewrite.remove(merged.last);
      merged.last = next;
      next = graph.soleReader(next.output());
    }
    if (merged.last != layer.core()) {
      replace(merged);
    }
  }

  private boolean takesIn(Merged merged, Node next) {
    if (next.op() instanceof Normalization.BatchNormalization norm && allConstant(next)) {
      batchNorm(merged, next, norm);
      return true;
    }
    return next.op() instanceof Binary.Add && add(merged, next)
        || next.op() instanceof Binary.Mul && multiply(merged, next);
  }

  private boolean isFoldable(LayerNode layer) {
    return layer.isConv()
        ? isFloat(layer.weights()) && (!layer.hasBias() || isFloat(layer.bias()))
        : ToLinear.isLinear(graph, layer);
  }

  private boolean isFloat(String name) {
    return graph.constant(name) != null && graph.constant(name).type() == DataType.F32;
  }

  private boolean allConstant(Node norm) {
    return norm.inputs().stream().skip(1).allMatch(i -> isFloat(i));
  }

  private void batchNorm(Merged merged, Node norm, Normalization.BatchNormalization op) {
    float[] weight = graph.constant(norm.input(1)).toFloats();
    float[] shift = graph.constant(norm.input(2)).toFloats();
    float[] mean = graph.constant(norm.input(3)).toFloats();
    float[] variance = graph.constant(norm.input(4)).toFloats();
    float[] bias = bias(merged, weight.length);
    float[] scales = new float[weight.length];
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
      scales[c] = weight[c] * deviation;
      bias[c] =
          merged.layer.isConv()
              ? (bias[c] - mean[c]) * deviation * weight[c] + shift[c]
              : (bias[c] - mean[c]) * scales[c] + shift[c];
    }
    scale(merged, merged.values(), scales);
    merged.bias = bias;
  }

  /// @param values those of the layer, which become the new ones
  private void scale(Merged merged, float[] values, float[] scales) {
    if (merged.weights == null) {
      budget.take(merged.layer.core(), merged.oldWeights.shape(), DataType.F32);
      merged.weights = values;
    }
    int inner = Math.toIntExact(inner(merged));
    int step = inner * scales.length;
    for (int c = 0; c < scales.length; c++) {
      for (int block = c * inner; block < values.length; block += step) {
        for (int i = block; i < block + inner; i++) {
          values[i] *= scales[c];
        }
      }
    }
  }

  /// How many weights of one output channel stand side by side.
  private static long inner(Merged merged) {
    Shape weights = merged.oldWeights.shape();
    long inner = 1;
    for (int axis = merged.layer.channelAxis() + 1; axis < weights.rank(); axis++) {
      inner *= weights.size(axis);
    }
    return inner;
  }

  /// Whether it could be taken in.
  private boolean add(Merged merged, Node add) {
    float[] terms = perChannel(merged, add);
    if (terms == null) {
      return false;
    }
    float[] bias = bias(merged, terms.length);
    for (int i = 0; i < terms.length; i++) {
      bias[i] += terms[i];
    }
    merged.bias = bias;
    return true;
  }

  /// Whether it could be taken in.
  private boolean multiply(Merged merged, Node product) {
    float[] factors = perChannel(merged, product);
    if (factors == null) {
      return false;
    }
    float[] values = merged.values();
    if (overflows(values, factors)) {
      return false;
    }
    float[] bias = bias(merged, factors.length);
    for (int i = 0; i < factors.length; i++) {
      bias[i] *= factors[i];
    }
    scale(merged, values, factors);
    merged.bias = bias;
    return true;
  }

  /// Whether weights so large would come out that sums of them are no numbers where the result by
  /// itself is one.
  private static boolean overflows(float[] weights, float[] factors) {
    float largest = 0;
    for (float factor : factors) {
      largest = Math.max(largest, Math.abs(factor));
    }
    for (float weight : weights) {
      if (!(Math.abs(weight) * largest < LARGEST)) {
        return true;
      }
    }
    return false;
  }

  /// The constant that `next` takes beside the layer's result, one number for each channel; null
  /// where it is something else.
  private float[] perChannel(Merged merged, Node next) {
    boolean first = next.input(0).equals(merged.last.output());
    Tensor term = graph.constant(next.input(first ? 1 : 0));
    int rank = merged.oldWeights.shape().rank(); // a convolution's, or a matrix's: the result's too
    boolean fits =
        term != null
            && term.type() == DataType.F32
            && merged.layer.addsToChannels(term.shape(), rank);
    return fits ? Constants.spread(term, Math.toIntExact(merged.layer.channels())) : null;
  }

  private float[] bias(Merged merged, int channels) {
    if (merged.bias != null) {
      return merged.bias;
    }
    LayerNode layer = merged.layer;
    budget.take(layer.core(), Shape.of(channels), DataType.F32);
    return layer.hasBias() ? graph.constant(layer.bias()).toFloats() : new float[channels];
  }

  private void replace(Merged merged) {
    Node layer = merged.layer.core();
    String w = layer.input(1);
    if (merged.weights != null) {
      Tensor folded = Tensor.of(merged.weights, merged.oldWeights.shape().sizes());
      w = rewrite.constant(layer, w, "", folded);
    }
    String wanted = layer.input(1).replaceFirst("weight$", "");
    wanted = wanted.equals(layer.input(1)) ? wanted + ".bias" : wanted + "bias";
    Tensor bias = Tensor.of(merged.bias, merged.bias.length);
    String b = rewrite.constant(layer, layer.input(2), wanted, bias);
    List<String> inputs = List.of(layer.input(0), w, b);
    rewrite.replace(merged.last, new Node(layer.name(), layer.op(), inputs, merged.last.output()));
  }
}
