package io.octet.internal.lower;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.internal.kernel.Layout;
import io.octet.internal.pass.QdqNodes;
import io.octet.tensor.Shape;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The one place that prefers layouts: which one a node's data and result have, given how its data
/// lie and who reads the result. Only a wish, until a kernel of that layout is accepted.
final class Layouts {
  private final Graph graph;
  private final Set<String> feedingImages;

  Layouts(Graph graph) {
    this.graph = graph;
    this.feedingImages = findFeedingImages();
  }

  /// The layout that `node` is to work in.
  Layout of(Node node, Values values, Shape result) {
    return switch (node.op().traits().axes()) {
      case SPATIAL -> Layout.CHANNELS_LAST;
      case ORDERED -> Layout.ROW_MAJOR;
      case CHANNELS -> ahead(node, values.original(node.input(0)));
      case ELEMENTWISE -> common(node.data(), values, result);
    };
  }

  /// Channels last where an operand of the result's rank lies so and the others can; else
  /// row-major.
  private static Layout common(List<String> data, Values values, Shape result) {
    boolean channelsLast = false;
    for (String value : data) {
      Repr repr = values.original(value);
      boolean ranks = repr.desc().shape().rank() == result.rank();
      if (!ranks && repr.buffer().constant() == null) {
        return Layout.ROW_MAJOR;
      }
      channelsLast |= ranks && repr.desc().layout() == Layout.CHANNELS_LAST;
    }
    return channelsLast ? Layout.CHANNELS_LAST : Layout.ROW_MAJOR;
  }

  /// As the data lie, but a QuantizeLinear turns them along the way where its readers want images.
  private Layout ahead(Node node, Repr x) {
    boolean turns =
        QdqNodes.isQuantize(node)
            && x.desc().shape().rank() == 4
            && feedingImages.contains(node.name());
    return turns ? Layout.CHANNELS_LAST : x.desc().layout();
  }

  /// Whether data that lie like this become [N, C*H*W] without a move, as the flattening of an
  /// image whose channels are last. A layer permutes its weights to read that.
  static boolean flattens(Repr x, Shape to) {
    Shape from = x.desc().shape();
    return x.image() == null && to.rank() == 2 && from.rank() > 2 && to.size(0) == from.size(0);
  }

  /// Whether a layer takes such a flattening: its weights' columns are those of its data then.
  static boolean takesFlattened(Shape x) {
    return x.rank() == 2;
  }

  /// From the end, so that a node's readers are known before itself.
  private Set<String> findFeedingImages() {
    Set<String> found = new HashSet<>();
    List<Node> backwards = graph.nodes().reversed();
    for (Node node : backwards) {
      for (Node reader : graph.consumers(node.output())) {
        boolean feeds =
            switch (reader.op().traits().axes()) {
              case SPATIAL -> true;
              case ELEMENTWISE, CHANNELS -> found.contains(reader.name());
              case ORDERED -> false;
            };
        if (feeds) {
          found.add(node.name());
          break;
        }
      }
    }
    return found;
  }
}
