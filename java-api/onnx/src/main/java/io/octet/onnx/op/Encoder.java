package io.octet.onnx.op;

import io.octet.graph.Node;
import io.octet.graph.op.Binary.Add;
import io.octet.graph.op.Binary.Mul;
import io.octet.graph.op.Binary.Sub;
import io.octet.graph.op.Comparison.Less;
import io.octet.graph.op.Generation.Range;
import io.octet.graph.op.Movement.Concat;
import io.octet.graph.op.Movement.Unsqueeze;
import io.octet.graph.op.Normalization.LayerNormalization;
import io.octet.graph.op.Normalization.Softmax;
import io.octet.graph.op.Product.MatMul;
import io.octet.graph.op.Reduction.ReduceSum;
import io.octet.graph.op.Selection.Gather;
import io.octet.graph.op.Selection.Slice;
import io.octet.graph.op.Selection.Where;
import io.octet.graph.op.Unary.Cast;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/// The parts of an encoder as ONNX Runtime's optimizer fuses them: read as what they were.
final class Encoder {
  /// Of ONNX Runtime's domain.
  static final Map<String, Reader> MICROSOFT =
      Map.of("Attention", Encoder::attention, "EmbedLayerNormalization", Encoder::embed);

  private static final int MASK = 3;
  private static final int PAST = 4;
  private static final int BIAS = 5;

  private Encoder() {}

  /// Inputs: data [B,S,I], weights [I,Q+K+V], their bias, a mask of keys, what is past [2,B,N,P,H],
  /// and what is added to the scores. Weights of queries, keys and values lie side by side.
  private static List<Node> attention(NodeView node) {
    node.requireInputs(2, 6);
    node.ignore("past_present_share_buffer"); // memory is planned here
    if (node.flag("do_rotary", false)) {
      throw node.unsupported("do_rotary");
    }
    int heads = node.int32("num_heads", 0);
    long[] sizes = sizes(node);
    if (heads < 1 || sizes[0] % heads != 0 || sizes[1] != sizes[0] || sizes[2] % heads != 0) {
      throw node.invalid(heads + " heads of " + sizes[0] + ", " + sizes[1] + " and " + sizes[2]);
    }
    Composition nodes = new Composition(node);
    String q = Attention.split(nodes, projected(nodes, node, 0, sizes[0]), heads);
    String k = Attention.split(nodes, projected(nodes, node, sizes[0], sizes[1]), heads);
    String v = Attention.split(nodes, projected(nodes, node, sizes[0] + sizes[1], sizes[2]), heads);
    boolean causal = node.flag("unidirectional", false);
    String first = causal ? nodes.constant("past", Tensor.of(new long[] {0})) : "";
    if (node.hasInput(PAST)) {
      String keys = part(nodes, node.input(PAST), 0);
      first = causal ? Attention.length(nodes, keys) : "";
      k = nodes.then(new Concat(2), keys, k);
      v = nodes.then(new Concat(2), part(nodes, node.input(PAST), 1), v);
    }
    if (node.isRead(1)) {
      String axis = nodes.list("front", 0);
      nodes.then(
          1,
          new Concat(0),
          nodes.then(new Unsqueeze(), k, axis),
          nodes.then(new Unsqueeze(), v, axis));
    }
    float masked = node.real("mask_filter_value", -10000);
    double scale = node.real("scale", 0);
    scale = scale == 0 ? 1 / Math.sqrt((double) sizes[0] / heads) : scale;
    String bias = node.hasInput(BIAS) ? node.input(BIAS) : "";
    Attention.Form form = new Attention.Form(scale, 0, first, bias, -Float.MAX_VALUE);
    String scores = Attention.product(nodes, q, k, scale);
    scores = Attention.masked(nodes, scores, q, k, form);
    if (node.hasInput(MASK)) {
      scores = nodes.then(new Add(), scores, mask(nodes, node, k, masked));
    }
    return Attention.joined(nodes, nodes.then(new Softmax(-1), scores), v);
  }

  /// How many columns of the weights are those of queries, keys and values.
  private static long[] sizes(NodeView node) {
    Shape weights = node.info(1).shape();
    long all = weights.rank() == 2 ? weights.dim(1).number().orElse(0) : 0;
    long[] given = node.longs("qkv_hidden_sizes");
    long[] sizes =
        given == null || given.length == 0 ? new long[] {all / 3, all / 3, all / 3} : given;
    boolean within = LongStream.of(sizes).allMatch(size -> size > 0 && size <= all);
    if (sizes.length != 3 || !within || LongStream.of(sizes).sum() != all) {
      throw node.invalid(
          "weights of queries, keys and values are "
              + weights
              + ", their sizes "
              + Arrays.toString(sizes));
    }
    return sizes;
  }

  /// The product with those columns of the weights, and their bias: constants are cut once.
  private static String projected(Composition nodes, NodeView node, long from, long size) {
    String weights = slice(nodes, node.floats(1), from, size, 1);
    String made = nodes.then(new MatMul(), node.input(0), weights);
    return node.hasInput(2)
        ? nodes.then(new Add(), made, slice(nodes, node.floats(2), from, size, 0))
        : made;
  }

  private static String slice(Composition nodes, String x, long from, long size, long axis) {
    return nodes.then(
        new Slice(),
        x,
        nodes.list("from", from),
        nodes.list("to", from + size),
        nodes.list("along", axis));
  }

  private static String part(Composition nodes, String both, long index) {
    return nodes.then(new Gather(0), both, nodes.constant("part", Tensor.of(new long[] {index})));
  }

  /// What is added to the scores of keys that are not seen: a mask [B,K] or [B,S,K] of whole
  /// numbers is 1 where a key is, one of [B] counts the keys.
  private static String mask(Composition nodes, NodeView node, String keys, float masked) {
    Shape shape = node.info(MASK).shape();
    String given = node.input(MASK);
    if (shape.rank() == 1 && shape.dim(0).equals(node.info(0).shape().dim(0))) {
      String zero = nodes.constant("start", Tensor.of(new int[] {0}));
      String one = nodes.constant("step", Tensor.of(new int[] {1}));
      String length = nodes.then(new Cast(DataType.S32), Attention.length(nodes, keys));
      String places = nodes.then(new Range(), zero, length, one);
      String counts = nodes.then(new Unsqueeze(), given, nodes.list("axes", 1, 2, 3));
      return nodes.then(
          new Where(),
          nodes.then(new Less(), places, counts),
          nodes.constant("seen", Tensor.scalar(0)),
          nodes.constant("masked", Tensor.scalar(masked)));
    }
    if (shape.rank() != 2 && shape.rank() != 3) {
      throw node.unsupported("a mask " + shape);
    }
    String real = nodes.then(new Cast(DataType.F32), given);
    String none = nodes.then(new Sub(), nodes.constant("one", Tensor.scalar(1)), real);
    String bias = nodes.then(new Mul(), none, nodes.constant("masked", Tensor.scalar(masked)));
    String axes = shape.rank() == 2 ? nodes.list("axes", 1, 2) : nodes.list("axes", 1);
    return nodes.then(new Unsqueeze(), bias, axes);
  }

  /// Inputs: ids [B,S], segments, three tables, scale and bias, a mask, and places.
  private static List<Node> embed(NodeView node) {
    node.requireInputs(4, 9);
    Composition nodes = new Composition(node);
    String ids = node.input(0);
    String words = nodes.then(new Gather(0), node.floats(2), ids);
    String sum = nodes.then(new Add(), words, places(nodes, node));
    if (node.hasInput(1) && node.hasInput(4)) {
      sum = nodes.then(new Add(), sum, nodes.then(new Gather(0), node.floats(4), node.input(1)));
    }
    node.ignore("mask_index_type");
    if (node.isRead(1)) {
      counts(nodes, node);
    }
    if (node.isRead(2)) {
      sum = nodes.then(2, new io.octet.graph.op.Movement.Identity(), sum);
    }
    LayerNormalization norm = new LayerNormalization(-1, node.real("epsilon", 1e-12f));
    return nodes.endAlone(norm, sum, node.floats(5), node.floats(6));
  }

  private static String places(Composition nodes, NodeView node) {
    if (node.hasInput(8)) {
      return nodes.then(new Gather(0), node.floats(3), node.input(8));
    }
    String length = nodes.then(new io.octet.graph.op.Generation.Shape(1, 2), node.input(0));
    return nodes.then(
        new Slice(), node.floats(3), nodes.list("from", 0), length, nodes.list("along", 0));
  }

  /// How many keys each sequence has.
  private static void counts(Composition nodes, NodeView node) {
    if (!node.hasInput(7)) {
      throw node.unsupported("counts of keys are read, but there is no mask");
    }
    nodes.then(1, new ReduceSum(false, false), node.input(7), nodes.list("axis", 1));
  }
}
