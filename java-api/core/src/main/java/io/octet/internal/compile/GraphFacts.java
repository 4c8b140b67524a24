package io.octet.internal.compile;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.Op;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What follows from a whole graph and not from one node: found once, at the first question, and
/// shared by all of its plans. Whoever asked at each node would walk a long chain for each of its
/// links. Thread-safe.
final class GraphFacts {
  private final Graph graph;
  private Bounds bounds;
  private Set<String> feedingImages;

  GraphFacts(Graph graph) {
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
    return node.op() instanceof Op.Conv
        || node.op() instanceof Op.MaxPool
        || node.op() instanceof Op.AveragePool
        || node.op() instanceof Op.GlobalAveragePool;
  }

  private static boolean keepsLayout(Node node) {
    return switch (node.op()) {
      case Op.DequantizeLinear _, Op.QuantizeLinear _, Op.Identity _, Op.Dropout _ -> true;
      case Op.Relu _, Op.Clip _, Op.LeakyRelu _, Op.Sigmoid _, Op.HardSigmoid _ -> true;
      case Op.HardSwish _, Op.Tanh _, Op.Add _, Op.Mul _, Op.Concat _ -> true;
      case Op.BatchNormalization _ -> true;
      case Op.Conv _, Op.MaxPool _, Op.AveragePool _, Op.GlobalAveragePool _ -> false;
      case Op.Gemm _, Op.MatMul _, Op.Softmax _, Op.Flatten _ -> false;
      case Op.Reshape _, Op.Transpose _ -> false;
    };
  }
}
