package io.octet.onnx;

import io.octet.graph.Node;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Normalization;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.List;

/// Softmax before opset 13: the axes from `axis` on are taken together as one. Where only one of
/// them is larger than 1, that is today's Softmax along it; otherwise the value is flattened,
/// normalized, and brought back to its shape.
final class SoftmaxRewrite {
  private SoftmaxRewrite() {}

  /// Adds nodes that make the node's output.
  static void rewrite(NodeView node, Values values) {
    node.requireInputs(1, 1);
    int given = node.int32("axis", 1);
    node.refuseUnread();
    String x = node.input(0);
    Shape shape = values.info(x, node).shape();
    int axis = given < 0 ? given + shape.rank() : given;
    if (axis < 0 || axis >= shape.rank()) {
      throw node.invalid("axis " + given + " is not one of input " + shape);
    }
    int only = onlyAxis(shape, axis);
    if (only >= 0) {
      values.addNode(
          new Node(node.name(), new Normalization.Softmax(only), List.of(x), node.output()));
      return;
    }
    long[] target = target(node, shape, axis);
    String flat = values.fresh(node.output() + "_flat");
    String normal = values.fresh(node.output() + "_normal");
    String sizes = values.fresh(node.output() + "_shape");
    values.addConstant(sizes, Known.of(Tensor.of(target, target.length)));
    values.addNode(
        new Node(
            values.fresh(node.name() + "_flatten"), new Movement.Flatten(axis), List.of(x), flat));
    values.addNode(new Node(node.name(), new Normalization.Softmax(1), List.of(flat), normal));
    values.addNode(
        new Node(
            values.fresh(node.name() + "_reshape"),
            new Movement.Reshape(false),
            List.of(normal, sizes),
            node.output()));
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
}
