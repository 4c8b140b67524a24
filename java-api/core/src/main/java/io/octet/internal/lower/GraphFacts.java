package io.octet.internal.lower;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Convolution;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Normalization;
import io.octet.graph.op.Pooling;
import io.octet.graph.op.Product;
import io.octet.graph.op.Quantization;
import io.octet.graph.op.Unary;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What follows from a whole graph and not from one node: found once, at the first question, and
/// shared by all of its plans. Whoever asked at each node would walk a long chain for each of its
/// links. Thread-safe.
public final class GraphFacts {
  private final Graph graph;
  private Bounds bounds;
  private Set<String> feedingImages;

  public GraphFacts(Graph graph) {
    this.graph = graph;
  }

  /// What the graph's values cannot exceed.
  synchronized Bounds bounds() {
    if (bounds == null) {
      bounds = new Bounds(graph);
    }
    return bounds;
  }

  /// Whether some reader of the node's result, behind nodes that keep the layout, works on images.
  synchronized boolean feedsImages(Node node) {
    if (feedingImages == null) {
      feedingImages = findFeedingImages();
    }
    return feedingImages.contains(node.name());
  }

  /// From the end, so that a node's readers are known before itself.
  private Set<String> findFeedingImages() {
    Set<String> found = new HashSet<>();
    List<Node> backwards = graph.nodes().reversed();
    for (Node node : backwards) {
      for (Node reader : graph.consumers(node.output())) {
        if (worksOnImages(reader) || keepsLayout(reader) && found.contains(reader.name())) {
          found.add(node.name());
          break;
        }
      }
    }
    return found;
  }

  private static boolean worksOnImages(Node node) {
    return node.op() instanceof Convolution.Conv
        || node.op() instanceof Pooling.MaxPool
        || node.op() instanceof Pooling.AveragePool
        || node.op() instanceof Pooling.GlobalAveragePool;
  }

  private static boolean keepsLayout(Node node) {
    return switch (node.op()) {
      case Quantization.DequantizeLinear _,
          Quantization.QuantizeLinear _,
          Movement.Identity _,
          Movement.Dropout _ ->
          true;
      case Unary.Relu _, Unary.Clip _, Unary.LeakyRelu _, Unary.Sigmoid _, Unary.HardSigmoid _ ->
          true;
      case Unary.HardSwish _, Unary.Tanh _, Binary.Add _, Binary.Mul _, Movement.Concat _ -> true;
      case Normalization.BatchNormalization _ -> true;
      case Convolution.Conv _,
          Pooling.MaxPool _,
          Pooling.AveragePool _,
          Pooling.GlobalAveragePool _ ->
          false;
      case Product.Gemm _, Product.MatMul _, Normalization.Softmax _, Movement.Flatten _ -> false;
      case Movement.Reshape _, Movement.Transpose _ -> false;
    };
  }
}
