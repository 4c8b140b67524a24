package io.octet.onnx.op;

import io.octet.graph.Node;
import io.octet.graph.op.Binary.Add;
import io.octet.graph.op.Binary.Div;
import io.octet.graph.op.Binary.Mul;
import io.octet.graph.op.Binary.Sub;
import io.octet.graph.op.Movement.Expand;
import io.octet.graph.op.Movement.Flatten;
import io.octet.graph.op.Movement.Reshape;
import io.octet.graph.op.Movement.Unsqueeze;
import io.octet.graph.op.Normalization.BatchNormalization;
import io.octet.graph.op.Normalization.GroupNormalization;
import io.octet.graph.op.Normalization.Hardmax;
import io.octet.graph.op.Normalization.InstanceNormalization;
import io.octet.graph.op.Normalization.LRN;
import io.octet.graph.op.Normalization.LayerNormalization;
import io.octet.graph.op.Normalization.LogSoftmax;
import io.octet.graph.op.Normalization.RMSNormalization;
import io.octet.graph.op.Normalization.Softmax;
import io.octet.graph.op.Op;
import io.octet.graph.op.Reduction.ReduceL1;
import io.octet.graph.op.Reduction.ReduceL2;
import io.octet.graph.op.Reduction.ReduceMean;
import io.octet.graph.op.Unary.Clip;
import io.octet.graph.op.Unary.Sqrt;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/// What brings values to a common scale.
final class Normalization {
  private static final float EPSILON = 1e-5f;
  private static final float LRN_ALPHA = 0.0001f;
  private static final float LRN_BETA = 0.75f;

  static final Map<String, Reader> READERS =
      Map.ofEntries(
          Map.entry("BatchNormalization", node -> node.onFloats(1, node.with(batchNorm(node)))),
          Map.entry("Softmax", node -> along(node, Softmax::new)),
          Map.entry("LogSoftmax", node -> along(node, LogSoftmax::new)),
          Map.entry("Hardmax", node -> along(node, Hardmax::new)),
          Map.entry("LayerNormalization", node -> node.onFloats(1, node.with(layerNorm(node)))),
          Map.entry("RMSNormalization", Normalization::rms),
          Map.entry("SimplifiedLayerNormalization", Normalization::rms),
          Map.entry(
              "InstanceNormalization",
              node -> node.onFloats(1, node.with(new InstanceNormalization(epsilon(node))))),
          Map.entry("GroupNormalization", Normalization::groups),
          Map.entry("LRN", node -> node.with(lrn(node))),
          Map.entry("LpNormalization", Normalization::lp),
          Map.entry("MeanVarianceNormalization", Normalization::meanVariance));

  /// Of ONNX Runtime's domain.
  static final Map<String, Reader> MICROSOFT =
      Map.of(
          "SimplifiedLayerNormalization", Normalization::rms,
          "SkipLayerNormalization", Normalization::skipLayer,
          "SkipSimplifiedLayerNormalization", Normalization::skipRms);

  /// Of the operators that add a residual first.
  private static final float SKIP_EPSILON = 1e-12f;

  private Normalization() {}

  private static float epsilon(NodeView node) {
    return node.real("epsilon", EPSILON);
  }

  private static LayerNormalization layerNorm(NodeView node) {
    node.ignore("stash_type"); // It is computed in floats, if not better.
    return new LayerNormalization(node.int32("axis", -1), epsilon(node));
  }

  private static List<Node> rms(NodeView node) {
    node.ignore("stash_type");
    return node.onFloats(1, node.with(new RMSNormalization(node.int32("axis", -1), epsilon(node))));
  }

  /// LayerNormalization of the sum of two values, and of a vector: inputs X, skip, scale, B, bias.
  private static List<Node> skipLayer(NodeView node) {
    node.requireInputs(3, 5);
    Composition nodes = new Composition(node);
    String sum = sum(node, 4, nodes);
    LayerNormalization norm = new LayerNormalization(-1, node.real("epsilon", SKIP_EPSILON));
    return node.hasInput(3)
        ? nodes.end(norm, sum, node.floats(2), node.floats(3))
        : nodes.end(norm, sum, node.floats(2));
  }

  /// The same with RMSNormalization: inputs X, skip, scale, bias.
  private static List<Node> skipRms(NodeView node) {
    node.requireInputs(3, 4);
    Composition nodes = new Composition(node);
    String sum = sum(node, 3, nodes);
    RMSNormalization norm = new RMSNormalization(-1, node.real("epsilon", SKIP_EPSILON));
    return nodes.end(norm, sum, node.floats(2));
  }

  /// The sum of inputs 0, 1 and, where it is there, `bias`; it is output 3.
  private static String sum(NodeView node, int bias, Composition nodes) {
    boolean both = node.hasInput(bias);
    String x = node.input(0);
    String y = node.input(1);
    return both
        ? nodes.then(3, new Add(), nodes.then(new Add(), x, y), node.floats(bias))
        : nodes.then(3, new Add(), x, y);
  }

  /// Before opset 21 scale and bias have a number for each group, which here becomes one for each
  /// of its channels.
  private static List<Node> groups(NodeView node) {
    node.requireInputs(3, 3);
    node.ignore("stash_type");
    GroupNormalization norm = new GroupNormalization(node.int32("num_groups", 0), epsilon(node));
    if (node.opset() >= 21) {
      return node.onFloats(1, node.with(norm));
    }
    Shape x = node.info(0).shape();
    long channels = x.rank() < 2 ? 0 : x.dim(1).number().orElse(0);
    if (channels == 0) {
      throw node.unsupported("before opset 21, of " + x + ", whose channels are not known");
    }
    Composition nodes = new Composition(node);
    String one = nodes.list("axis", 1);
    String spread = nodes.list("spread", norm.groups(), channels / norm.groups());
    String all = nodes.list("channels", -1);
    String[] each = new String[2];
    for (int i = 0; i < each.length; i++) {
      String column = nodes.then(new Unsqueeze(), node.floats(i + 1), one);
      each[i] = nodes.then(new Reshape(false), nodes.then(new Expand(), column, spread), all);
    }
    return nodes.end(norm, node.input(0), each[0], each[1]);
  }

  private static LRN lrn(NodeView node) {
    return new LRN(
        node.int32("size", 0),
        node.real("alpha", LRN_ALPHA),
        node.real("beta", LRN_BETA),
        node.real("bias", 1));
  }

  /// x divided by its norm along an axis; nothing is divided by 0.
  private static List<Node> lp(NodeView node) {
    node.requireInputs(1, 1);
    int p = node.int32("p", 2);
    if (p != 1 && p != 2) {
      throw node.invalid("p must be 1 or 2, but is " + p);
    }
    Composition nodes = new Composition(node);
    String x = node.input(0);
    String axes = nodes.list("axes", node.integer("axis", -1));
    String norm =
        nodes.then(p == 1 ? new ReduceL1(true, false) : new ReduceL2(true, false), x, axes);
    Clip positive = new Clip(Float.MIN_NORMAL, Float.POSITIVE_INFINITY);
    return nodes.end(new Div(), x, nodes.then(positive, norm));
  }

  /// (x - mean) / (deviation + 1e-9), over some axes.
  private static List<Node> meanVariance(NodeView node) {
    node.requireInputs(1, 1);
    Composition nodes = new Composition(node);
    String x = node.input(0);
    long[] given = node.axes();
    String axes = nodes.list("axes", given == null ? new long[] {0, 2, 3} : given);
    ReduceMean mean = new ReduceMean(true, false);
    String from = nodes.then(new Sub(), x, nodes.then(mean, x, axes));
    String variance = nodes.then(mean, nodes.then(new Mul(), from, from), axes);
    String deviation = nodes.then(new Sqrt(), variance);
    return nodes.end(
        new Div(), from, nodes.then(new Add(), deviation, nodes.scalar("epsilon", 1e-9)));
  }

  private static BatchNormalization batchNorm(NodeView node) {
    node.ignore("momentum");
    if (node.flag("training_mode", false)) {
      throw node.unsupported("training_mode is set; export the model for inference");
    }
    if (node.opset() < 9 && !node.flag("spatial", true)) {
      throw node.unsupported("spatial = 0 (statistics for each pixel)");
    }
    return new BatchNormalization(epsilon(node));
  }

  private static List<Node> along(NodeView node, IntFunction<Op> op) {
    return node.opset() < 13 ? overAxes(node, op) : node.with(op.apply(node.int32("axis", -1)));
  }

  /// Before opset 13 the axes from `axis` on are taken together as one. Where only one of them is
  /// larger than 1, that is today's Softmax along it; otherwise the value is flattened, normalized,
  /// and brought back to its shape.
  private static List<Node> overAxes(NodeView node, IntFunction<Op> op) {
    node.requireInputs(1, 1);
    int given = node.int32("axis", 1);
    Shape shape = node.info(0).shape();
    int axis =
        shape
            .axis(given)
            .orElseThrow(() -> node.invalid("axis " + given + " is not one of input " + shape));
    int only = onlyAxis(shape, axis);
    if (only >= 0) {
      return node.with(op.apply(only));
    }
    Composition nodes = new Composition(node);
    String normal = nodes.then(op.apply(1), nodes.then(new Flatten(axis), node.input(0)));
    return nodes.end(new Reshape(false), normal, target(nodes, node, shape, axis));
  }

  /// The one axis from `axis` on that may be larger than 1, or -1 where there are more.
  private static int onlyAxis(Shape shape, int axis) {
    int only = -1;
    for (int i = axis; i < shape.rank(); i++) {
      if (!shape.dim(i).equals(new Dim.Fixed(1))) {
        if (only >= 0) {
          return -1;
        }
        only = i;
      }
    }
    return only < 0 ? axis : only;
  }

  /// The input's shape as a Reshape can say it: one free axis is inferred, and a first one copied
  /// where the flattened value still has it. More of them only a run knows.
  private static String target(Composition nodes, NodeView node, Shape shape, int axis) {
    long[] target = new long[shape.rank()];
    boolean inferred = false;
    for (int i = 0; i < target.length; i++) {
      if (shape.dim(i) instanceof Dim.Fixed(long size)) {
        target[i] = size;
      } else if (i == 0 && axis == 1) {
        target[i] = 0;
      } else if (!inferred) {
        target[i] = -1;
        inferred = true;
      } else {
        return nodes.then(
            new io.octet.graph.op.Generation.Shape(0, Integer.MAX_VALUE), node.input(0));
      }
    }
    return nodes.list("shape", target);
  }

  static void write(io.octet.graph.op.Normalization op, NodeWriter to) {
    switch (op) {
      case BatchNormalization(float epsilon) -> to.real("epsilon", epsilon, EPSILON);
      case Softmax(int axis) -> to.integer("axis", axis, -1);
      case LogSoftmax(int axis) -> to.integer("axis", axis, -1);
      case Hardmax(int axis) -> to.integer("axis", axis, -1);
      case LayerNormalization(int axis, float epsilon) -> {
        to.integer("axis", axis, -1);
        to.real("epsilon", epsilon, EPSILON);
      }
      case RMSNormalization(int axis, float epsilon) -> {
        to.integer("axis", axis, -1);
        to.real("epsilon", epsilon, EPSILON);
      }
      case InstanceNormalization(float epsilon) -> to.real("epsilon", epsilon, EPSILON);
      case GroupNormalization(int groups, float epsilon) -> {
        to.integer("num_groups", groups);
        to.real("epsilon", epsilon, EPSILON);
      }
      case LRN(int size, float alpha, float beta, float bias) -> {
        to.integer("size", size);
        to.real("alpha", alpha, LRN_ALPHA);
        to.real("beta", beta, LRN_BETA);
        to.real("bias", bias, 1);
      }
    }
  }

  /// The oldest opset that has the operator as it is written.
  static int opset(io.octet.graph.op.Normalization op) {
    return op instanceof GroupNormalization ? 21 : 17;
  }
}
