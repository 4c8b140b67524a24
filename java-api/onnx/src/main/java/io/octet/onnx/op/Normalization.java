package io.octet.onnx.op;

import io.octet.graph.Node;
import io.octet.graph.op.Movement.Flatten;
import io.octet.graph.op.Movement.Reshape;
import io.octet.graph.op.Normalization.BatchNormalization;
import io.octet.graph.op.Normalization.Softmax;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import java.util.List;
import java.util.Map;

/// What brings values to a common scale.
final class Normalization {
  static final Map<String, Reader> READERS =
      Map.of(
          "BatchNormalization",
          node -> node.onFloats(1, node.with(batchNorm(node))),
          "Softmax",
          Normalization::softmax);

  private Normalization() {}

  private static BatchNormalization batchNorm(NodeView node) {
    node.ignore("momentum");
    if (node.flag("training_mode", false)) {
      throw node.unsupported("training_mode is set; export the model for inference");
    }
    if (node.outputCount() > 1) {
      throw node.unsupported("is in training form (several outputs); export it for inference");
    }
    if (node.opset() < 9 && !node.flag("spatial", true)) {
      throw node.unsupported("spatial = 0 (statistics for each pixel)");
    }
    return new BatchNormalization(node.real("epsilon", 1e-5f));
  }

  private static List<Node> softmax(NodeView node) {
    return node.opset() < 13 ? overAxes(node) : node.with(new Softmax(node.int32("axis", -1)));
  }

  /// Before opset 13 the axes from `axis` on are taken together as one. Where only one of them is
  /// larger than 1, that is today's Softmax along it; otherwise the value is flattened, normalized,
  /// and brought back to its shape.
  private static List<Node> overAxes(NodeView node) {
    node.requireInputs(1, 1);
    int given = node.int32("axis", 1);
    Shape shape = node.info(0).shape();
    int axis =
        shape
            .axis(given)
            .orElseThrow(() -> node.invalid("axis " + given + " is not one of input " + shape));
    int only = onlyAxis(shape, axis);
    if (only >= 0) {
      return node.with(new Softmax(only));
    }
    Surroundings around = node.around();
    long[] target = target(node, shape, axis);
    String flat = around.fresh(node.output() + "_flat");
    String normal = around.fresh(node.output() + "_normal");
    String sizes = node.constant("shape", target);
    String first = around.fresh(node.name() + "_flatten");
    String last = around.fresh(node.name() + "_reshape");
    return List.of(
        new Node(first, new Flatten(axis), node.inputs(), flat),
        new Node(node.name(), new Softmax(1), List.of(flat), normal),
        new Node(last, new Reshape(false), List.of(normal, sizes), node.output()));
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
  /// where the flattened value still has it.
  private static long[] target(NodeView node, Shape shape, int axis) {
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
        throw node.unsupported(
            "before opset 13, over several axes, of " + shape + " with more than one free axis");
      }
    }
    return target;
  }

  static void write(io.octet.graph.op.Normalization op, NodeWriter to) {
    switch (op) {
      case BatchNormalization(float epsilon) -> to.real("epsilon", epsilon, 1e-5f);
      case Softmax(int axis) -> to.integer("axis", axis, -1);
    }
  }
}
