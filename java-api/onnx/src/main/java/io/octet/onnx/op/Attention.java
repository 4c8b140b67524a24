package io.octet.onnx.op;

import io.octet.graph.Node;
import io.octet.graph.op.Binary.Add;
import io.octet.graph.op.Binary.Div;
import io.octet.graph.op.Binary.Mul;
import io.octet.graph.op.Comparison.LessOrEqual;
import io.octet.graph.op.Generation.Range;
import io.octet.graph.op.Movement.Concat;
import io.octet.graph.op.Movement.Expand;
import io.octet.graph.op.Movement.Identity;
import io.octet.graph.op.Movement.Reshape;
import io.octet.graph.op.Movement.Squeeze;
import io.octet.graph.op.Movement.Transpose;
import io.octet.graph.op.Movement.Unsqueeze;
import io.octet.graph.op.Normalization.Softmax;
import io.octet.graph.op.Product.MatMul;
import io.octet.graph.op.Selection.Where;
import io.octet.graph.op.Unary.Cast;
import io.octet.graph.op.Unary.Tanh;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.List;
import java.util.Map;

/// Attention, read as the products, sums and the softmax that it is made of: what is known of those
/// (kernels, calibration, int8) holds for it. What ONNX 1.18 said of several heads that share keys,
/// of values of three axes and of the third output's modes, later releases corrected; it is read as
/// they say.
final class Attention {
  static final Map<String, Reader> READERS = Map.of("Attention", Attention::read);

  private static final List<Integer> HEADS_FIRST = List.of(0, 2, 1, 3);

  /// Places of inputs.
  private static final int MASK = 3;

  private static final int PAST_KEY = 4;
  private static final int PAST_VALUE = 5;

  /// What the third further output holds.
  private enum Scores {
    PRODUCT,
    CAPPED,
    MASKED,
    SOFTMAX
  }

  /// What all forms of attention have in common.
  ///
  /// @param scale of the products of queries and keys
  /// @param softcap bounds them smoothly; 0 for no bound
  /// @param causal the first key that is a query's own, where it sees none behind; "" where it sees
  ///   all
  /// @param bias what is added to the products, "" for nothing
  /// @param masked what is added in the place of "not seen"
  record Form(double scale, float softcap, String causal, String bias, float masked) {}

  private Attention() {}

  private static List<Node> read(NodeView node) {
    node.requireInputs(3, 6);
    node.ignore("softmax_precision"); // it is computed in floats
    int rank = node.info(0).shape().rank();
    if (rank != 3 && rank != 4) {
      throw node.invalid("needs queries of 3 or 4 axes, but they are " + node.info(0).shape());
    }
    if (node.hasInput(PAST_KEY) != node.hasInput(PAST_VALUE)) {
      throw node.invalid("has past keys or past values, but not both");
    }
    Composition nodes = new Composition(node);
    long heads = heads(node, "q_num_heads", 0);
    long shared = heads(node, "kv_num_heads", 1);
    if (shared < 1 || heads % shared != 0) {
      throw node.invalid(heads + " heads of queries cannot share " + shared + " of keys");
    }
    String q = rank == 3 ? split(nodes, node.input(0), heads) : node.input(0);
    String k = rank == 3 ? split(nodes, node.input(1), shared) : node.input(1);
    String v = rank == 3 ? split(nodes, node.input(2), shared) : node.input(2);
    long size = last(node, 0) / (rank == 3 ? heads : 1);
    long valueSize = last(node, 2) / (rank == 3 ? shared : 1);
    String past = "";
    boolean causal = node.flag("is_causal", false);
    if (node.hasInput(PAST_KEY)) {
      past = causal ? length(nodes, node.input(PAST_KEY)) : "";
      k = nodes.then(1, new Concat(2), node.input(PAST_KEY), k);
      v = nodes.then(2, new Concat(2), node.input(PAST_VALUE), v);
    } else {
      k = node.isRead(1) ? nodes.then(1, new Identity(), k) : k;
      v = node.isRead(2) ? nodes.then(2, new Identity(), v) : v;
    }
    if (causal && past.isEmpty()) {
      past = nodes.constant("past", Tensor.of(new long[] {0}));
    }
    Form form =
        new Form(
            node.real("scale", (float) (1 / Math.sqrt(size))),
            node.real("softcap", 0),
            past,
            node.hasInput(MASK) ? bias(nodes, node) : "",
            Float.NEGATIVE_INFINITY);
    String p = probabilities(nodes, q, repeated(nodes, k, heads, shared, size), form, node);
    String all = repeated(nodes, v, heads, shared, valueSize);
    return rank == 4 ? nodes.end(new MatMul(), p, all) : joined(nodes, p, all);
  }

  /// The softmax of queries times keys, bounded and masked.
  private static String probabilities(
      Composition nodes, String q, String k, Form form, NodeView node) {
    int mode = node.isRead(3) ? node.int32("qk_matmul_output_mode", 0) : -1;
    node.ignore("qk_matmul_output_mode");
    String scores = product(nodes, q, k, form.scale());
    expose(nodes, mode, Scores.PRODUCT, scores);
    if (form.softcap() > 0) {
      String cap = nodes.constant("softcap", Tensor.scalar(form.softcap()));
      scores =
          nodes.then(new Mul(), nodes.then(new Tanh(), nodes.then(new Div(), scores, cap)), cap);
    }
    expose(nodes, mode, Scores.CAPPED, scores);
    scores = masked(nodes, scores, q, k, form);
    expose(nodes, mode, Scores.MASKED, scores);
    String p = nodes.then(new Softmax(-1), scores);
    expose(nodes, mode, Scores.SOFTMAX, p);
    return p;
  }

  private static void expose(Composition nodes, int mode, Scores at, String scores) {
    if (mode == at.ordinal()) {
      nodes.then(3, new Identity(), scores);
    }
  }

  /// Queries times keys.
  static String product(Composition nodes, String q, String k, double scale) {
    String turned = nodes.then(new Transpose(List.of(0, 1, 3, 2)), k);
    String scores = nodes.then(new MatMul(), q, turned);
    return nodes.then(new Mul(), scores, nodes.constant("scale", Tensor.scalar((float) scale)));
  }

  /// The scores and what is added to them.
  static String masked(Composition nodes, String scores, String q, String k, Form form) {
    String sum = form.bias().isEmpty() ? scores : nodes.then(new Add(), scores, form.bias());
    return form.causal().isEmpty() ? sum : nodes.then(new Add(), sum, causal(nodes, q, k, form));
  }

  /// 0 where a query sees a key, which is none behind its own place.
  private static String causal(Composition nodes, String q, String k, Form form) {
    String end = nodes.then(new Add(), length(nodes, q), form.causal());
    String one = nodes.constant("step", Tensor.of(new long[] {1}));
    String zero = nodes.constant("start", Tensor.of(new long[] {0}));
    String rows = nodes.then(new Range(), form.causal(), end, one);
    String column = nodes.then(new Unsqueeze(), rows, nodes.list("axis", 1));
    String keys = nodes.then(new Range(), zero, length(nodes, k), one);
    return seen(nodes, nodes.then(new LessOrEqual(), keys, column), form.masked());
  }

  /// 0 where the condition holds.
  private static String seen(Composition nodes, String condition, float masked) {
    String none = nodes.constant("seen", Tensor.scalar(0));
    return nodes.then(
        new Where(), condition, none, nodes.constant("masked", Tensor.scalar(masked)));
  }

  /// The mask as something that is added.
  private static String bias(Composition nodes, NodeView node) {
    return switch (node.info(MASK).type()) {
      case BOOL -> seen(nodes, node.input(MASK), Float.NEGATIVE_INFINITY);
      case U8, S8, S32, S64 -> nodes.then(new Cast(DataType.F32), node.input(MASK));
      case F32, F16, BF16, F64 -> node.input(MASK);
    };
  }

  /// The length of axis 2, a scalar.
  static String length(Composition nodes, String value) {
    return nodes.then(
        new Squeeze(), nodes.then(new io.octet.graph.op.Generation.Shape(2, 3), value));
  }

  /// [B,S,heads*size] as [B,heads,S,size].
  static String split(Composition nodes, String value, long heads) {
    String apart = nodes.then(new Reshape(false), value, nodes.list("heads", 0, 0, heads, -1));
    return nodes.then(new Transpose(HEADS_FIRST), apart);
  }

  /// What the probabilities make of the values, [B,S,heads*size]: the result.
  static List<Node> joined(Composition nodes, String p, String v) {
    String turned = nodes.then(new Transpose(HEADS_FIRST), nodes.then(new MatMul(), p, v));
    return nodes.end(new Reshape(false), turned, nodes.list("joined", 0, 0, -1));
  }

  /// Each head as often as queries share it, side by side.
  private static String repeated(
      Composition nodes, String value, long heads, long shared, long size) {
    if (heads == shared) {
      return value;
    }
    String apart = nodes.then(new Unsqueeze(), value, nodes.list("axis", 2));
    String all =
        nodes.then(new Expand(), apart, nodes.list("repeated", 1, 1, heads / shared, 1, 1));
    return nodes.then(new Reshape(false), all, nodes.list("all", 0, heads, -1, size));
  }

  private static long heads(NodeView node, String attribute, int input) {
    Shape shape = node.info(input).shape();
    if (shape.rank() == 3) {
      long heads = node.int32(attribute, 0);
      if (heads < 1 || last(node, input) % heads != 0) {
        throw node.invalid(attribute + " is " + heads + ", of input " + shape);
      }
      return heads;
    }
    node.ignore(attribute);
    return shape
        .dim(1)
        .number()
        .orElseThrow(() -> node.unsupported("how many heads " + shape + " has is not known"));
  }

  private static long last(NodeView node, int input) {
    Shape shape = node.info(input).shape();
    if (shape.rank() < 3) {
      throw node.invalid("needs inputs of 3 or 4 axes, but one is " + shape);
    }
    return shape
        .dim(shape.rank() - 1)
        .number()
        .orElseThrow(() -> node.unsupported("the last axis of " + shape + " is not known"));
  }
}
