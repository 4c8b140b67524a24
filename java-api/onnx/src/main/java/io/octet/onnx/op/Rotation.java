package io.octet.onnx.op;

import io.octet.graph.Node;
import io.octet.graph.op.Binary.Add;
import io.octet.graph.op.Binary.Mul;
import io.octet.graph.op.Binary.Sub;
import io.octet.graph.op.Movement.Concat;
import io.octet.graph.op.Movement.Reshape;
import io.octet.graph.op.Movement.Unsqueeze;
import io.octet.graph.op.Selection.Gather;
import io.octet.graph.op.Selection.Slice;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.List;
import java.util.Map;

/// RotaryEmbedding, read as the products and sums that turn each pair of a head's values by the
/// angle of its place (Su et al., "RoFormer", 2021).
final class Rotation {
  static final Map<String, Reader> READERS = Map.of("RotaryEmbedding", Rotation::read);

  private Rotation() {}

  private static List<Node> read(NodeView node) {
    node.requireInputs(3, 4);
    Shape shape = node.info(0).shape();
    boolean flat = shape.rank() == 3;
    if (!flat && shape.rank() != 4) {
      throw node.invalid("needs an input of 3 or 4 axes, but it is " + shape);
    }
    Composition nodes = new Composition(node);
    int heads = node.int32("num_heads", 0);
    String x = node.input(0);
    if (flat) {
      if (heads < 1) {
        throw node.invalid("num_heads is " + heads + ", of input " + shape);
      }
      x = nodes.then(new Reshape(false), x, nodes.list("heads", 0, 0, heads, -1));
    }
    long size = size(node, shape) / (flat ? heads : 1);
    int given = node.int32("rotary_embedding_dim", 0);
    long turned = given == 0 ? size : given;
    if (turned < 2 || turned % 2 != 0 || turned > size) {
      throw node.invalid("turns " + turned + " of " + size + " values");
    }
    // Heads are axis 2 of what was flat, axis 1 else.
    String axis = nodes.list("axis", flat ? 2 : 1);
    String cos = angles(nodes, node, 1, turned / 2, axis);
    String sin = angles(nodes, node, 2, turned / 2, axis);
    String front = turned == size ? x : slice(nodes, x, 0, turned);
    String made =
        node.flag("interleaved", false)
            ? neighbours(nodes, front, cos, sin, turned)
            : halves(nodes, front, cos, sin, turned);
    if (turned < size) {
      String rest = slice(nodes, x, turned, size);
      return flat
          ? joined(nodes, nodes.then(new Concat(-1), made, rest))
          : nodes.end(new Concat(-1), made, rest);
    }
    return flat
        ? joined(nodes, made)
        : nodes.end(new Reshape(false), made, nodes.list("same", 0, 0, 0, -1));
  }

  private static List<Node> joined(Composition nodes, String made) {
    return nodes.end(new Reshape(false), made, nodes.list("joined", 0, 0, -1));
  }

  /// [B,S,pairs] with an axis for the heads. Tables may be longer than what is turned.
  private static String angles(
      Composition nodes, NodeView node, int cache, long pairs, String axis) {
    String all = node.floats(cache);
    if (size(node, node.info(cache).shape()) > pairs) {
      all = slice(nodes, all, 0, pairs);
    }
    String own = node.hasInput(3) ? nodes.then(new Gather(0), all, node.input(3)) : all;
    return nodes.then(new Unsqueeze(), own, axis);
  }

  /// The first half and the second are the pairs.
  private static String halves(Composition nodes, String x, String cos, String sin, long turned) {
    String a = slice(nodes, x, 0, turned / 2);
    String b = slice(nodes, x, turned / 2, turned);
    return nodes.then(new Concat(-1), real(nodes, a, b, cos, sin), other(nodes, a, b, cos, sin));
  }

  /// Neighbours are the pairs.
  private static String neighbours(
      Composition nodes, String x, String cos, String sin, long turned) {
    String pairs = nodes.then(new Reshape(false), x, nodes.list("pairs", 0, 0, 0, turned / 2, 2));
    String a = nodes.then(new Gather(4), pairs, nodes.constant("a", Tensor.of(new long[] {0})));
    String b = nodes.then(new Gather(4), pairs, nodes.constant("b", Tensor.of(new long[] {1})));
    String last = nodes.list("last", -1);
    String first = nodes.then(new Unsqueeze(), real(nodes, a, b, cos, sin), last);
    String second = nodes.then(new Unsqueeze(), other(nodes, a, b, cos, sin), last);
    String both = nodes.then(new Concat(-1), first, second);
    return nodes.then(new Reshape(false), both, nodes.list("turned", 0, 0, 0, turned));
  }

  private static String real(Composition nodes, String a, String b, String cos, String sin) {
    return nodes.then(new Sub(), nodes.then(new Mul(), a, cos), nodes.then(new Mul(), b, sin));
  }

  private static String other(Composition nodes, String a, String b, String cos, String sin) {
    return nodes.then(new Add(), nodes.then(new Mul(), a, sin), nodes.then(new Mul(), b, cos));
  }

  private static String slice(Composition nodes, String x, long from, long to) {
    return nodes.then(
        new Slice(), x, nodes.list("from", from), nodes.list("to", to), nodes.list("along", -1));
  }

  private static long size(NodeView node, Shape shape) {
    return shape
        .dim(shape.rank() - 1)
        .number()
        .orElseThrow(() -> node.unsupported("the last axis of " + shape + " is not known"));
  }
}
