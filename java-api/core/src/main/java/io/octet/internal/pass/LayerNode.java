package io.octet.internal.pass;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Comparison;
import io.octet.graph.op.Convolution;
import io.octet.graph.op.Generation;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Normalization;
import io.octet.graph.op.Pooling;
import io.octet.graph.op.Product;
import io.octet.graph.op.Quantization;
import io.octet.graph.op.Recurrence;
import io.octet.graph.op.Reduction;
import io.octet.graph.op.Resampling;
import io.octet.graph.op.Scanning;
import io.octet.graph.op.Selection;
import io.octet.graph.op.Unary;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.Optional;
import java.util.function.ToIntFunction;

/// A layer of a graph: a convolution, or the product with one matrix of weights, whose weights and
/// bias are known. The one definition, for folding, calibration, conversion and lowering.
///
/// @param core the Conv, Gemm or MatMul
/// @param kind which of the two it is
/// @param channelAxis the axis of the weights along which the output channels lie
/// @param channels how many there are
/// @param bias the known value that adds one number to each channel, or one to all, or ""
/// @param add the node behind the core that adds the bias, where that is no input of the core
public record LayerNode(
    Node core, Kind kind, int channelAxis, long channels, String bias, Optional<Node> add) {
  /// What a layer computes.
  public enum Kind {
    CONV,
    LINEAR
  }

  /// The layer whose core is `node`, with the bias that the node itself reads.
  public static Optional<LayerNode> of(Graph graph, Node node) {
    return switch (node.op()) {
      case Convolution.Conv c -> layer(graph, node, Kind.CONV, c.outputAxis());
      case Convolution.ConvTranspose c when c.groups() == 1 ->
          layer(graph, node, Kind.CONV, c.outputAxis());
      case Convolution _ -> Optional.empty();
      case Product.Gemm gemm ->
          gemm.transA() ? Optional.empty() : layer(graph, node, Kind.LINEAR, gemm.transB() ? 0 : 1);
      case Product.MatMul _ -> layer(graph, node, Kind.LINEAR, 1);
      case Product _, Pooling _, Unary _, Binary _, Comparison _, Reduction _, Normalization _ ->
          Optional.empty();
      case Scanning _ -> Optional.empty();
      case Movement _, Selection _, Generation _, Recurrence _, Resampling _, Quantization _ ->
          Optional.empty();
    };
  }

  private static Optional<LayerNode> layer(Graph graph, Node node, Kind kind, int channelAxis) {
    Tensor weights = Constants.stored(graph, node.input(1));
    if (weights == null || kind == Kind.LINEAR && weights.shape().rank() != 2) {
      return Optional.empty();
    }
    long channels = weights.shape().size(channelAxis);
    // Gemm: nothing is added that is first multiplied by 0.
    String bias = node.op() instanceof Product.Gemm gemm && gemm.beta() == 0 ? "" : node.input(2);
    LayerNode layer = new LayerNode(node, kind, channelAxis, channels, bias, Optional.empty());
    boolean complete = bias.isEmpty() || layer.isBias(graph, bias, _ -> 2);
    return complete ? Optional.of(layer) : Optional.empty();
  }

  /// This layer with the bias that the only reader of a MatMul adds; the same one where it adds
  /// something else.
  ///
  /// @param ranks tells how many axes a value has
  public LayerNode withAdd(Graph graph, ToIntFunction<String> ranks) {
    Node next = graph.soleReader(core.output());
    if (!(core.op() instanceof Product.MatMul)
        || next == null
        || !(next.op() instanceof Binary.Add)) {
      return this;
    }
    String term = next.input(next.input(0).equals(core.output()) ? 1 : 0);
    return isBias(graph, term, ranks)
        ? new LayerNode(core, kind, channelAxis, channels, term, Optional.of(next))
        : this;
  }

  private boolean isBias(Graph graph, String value, ToIntFunction<String> ranks) {
    Tensor term = Constants.stored(graph, value);
    return term != null
        && (isConv() || addsToChannels(term.shape(), ranks.applyAsInt(core.output())));
  }

  /// Whether the sum of this layer's result and a term of that shape adds one number to each output
  /// channel, or one to all, and is no larger than the result.
  ///
  /// @param rank number of axes of the result
  boolean addsToChannels(Shape term, int rank) {
    int at = term.rank() - 1 - (isConv() ? rank - 2 : 0);
    return term.rank() <= rank
        && (term.elements() == 1
            || at >= 0 && term.elements() == channels && term.size(at) == channels);
  }

  /// The value that it works on. It may be known, too: then nobody would want to quantize it.
  public String data() {
    return core.input(0);
  }

  /// The value that its weights have.
  public String weights() {
    return core.input(1);
  }

  public boolean hasBias() {
    return !bias.isEmpty();
  }

  public boolean isConv() {
    return kind == Kind.CONV;
  }

  /// The factor of the products.
  public float alpha() {
    return core.op() instanceof Product.Gemm gemm ? gemm.alpha() : 1;
  }

  /// The factor of the bias.
  public float beta() {
    return core.op() instanceof Product.Gemm gemm && add.isEmpty() ? gemm.beta() : 1;
  }

  /// The node that makes the layer's output.
  public Node last() {
    return add.orElse(core);
  }
}
