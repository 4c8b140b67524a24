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
import io.octet.internal.kernel.Layout;
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
    return switch (node.op()) {
      case Convolution _, Pooling _ -> Layout.CHANNELS_LAST;
      case Product _, Normalization.Softmax _ -> Layout.ROW_MAJOR;
      case Unary _, Normalization.BatchNormalization _ ->
          values.original(node.input(0)).desc().layout();
      case Binary _ -> common(node, values, result);
      case Quantization _ -> ahead(node, values.original(node.input(0)));
      case Movement.Concat _ -> joined(values.original(node.input(0)), result);
      case Movement _ -> Layout.ROW_MAJOR;
    };
  }

  /// Channels last where an operand of the result's shape lies so and the other can; else
  /// row-major.
  private static Layout common(Node node, Values values, Shape result) {
    if (result.rank() != 4) {
      return Layout.ROW_MAJOR;
    }
    boolean channelsLast = false;
    for (int i = 0; i < 2; i++) {
      Repr repr = values.original(node.input(i));
      if (repr.desc().shape().rank() != 4 && repr.buffer().constant() == null) {
        return Layout.ROW_MAJOR;
      }
      channelsLast |= repr.desc().layout() == Layout.CHANNELS_LAST;
    }
    return channelsLast ? Layout.CHANNELS_LAST : Layout.ROW_MAJOR;
  }

  private static Layout joined(Repr first, Shape result) {
    return result.rank() == 4 ? first.desc().layout() : Layout.ROW_MAJOR;
  }

  /// A conversion turns the layout along the way where the readers want another.
  private Layout ahead(Node node, Repr x) {
    return x.desc().shape().rank() == 4 && feedingImages.contains(node.name())
        ? Layout.CHANNELS_LAST
        : x.desc().layout();
  }

  /// Whether data that lie like this become [N, C*H*W] without a move, as the flattening of an
  /// image whose channels are last. A layer permutes its weights to read that.
  static boolean flattens(Repr x, Shape to) {
    Shape from = x.desc().shape();
    return x.image() == null && to.rank() == 2 && from.rank() == 4 && to.size(0) == from.size(0);
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
        if (worksOnImages(reader) || keepsLayout(reader) && found.contains(reader.name())) {
          found.add(node.name());
          break;
        }
      }
    }
    return found;
  }

  private static boolean worksOnImages(Node node) {
    return node.op() instanceof Convolution || node.op() instanceof Pooling;
  }

  private static boolean keepsLayout(Node node) {
    return switch (node.op()) {
      case Unary _, Binary _, Quantization _, Normalization.BatchNormalization _ -> true;
      case Movement.Identity _, Movement.Dropout _, Movement.Concat _ -> true;
      case Movement.Flatten _, Movement.Reshape _, Movement.Transpose _ -> false;
      case Convolution _, Pooling _, Product _, Normalization.Softmax _ -> false;
    };
  }
}
