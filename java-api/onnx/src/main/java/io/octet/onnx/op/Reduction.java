package io.octet.onnx.op;

import io.octet.graph.Node;
import io.octet.graph.op.Movement.Flatten;
import io.octet.graph.op.Pooling.GlobalAveragePool;
import io.octet.graph.op.Reduction.ReduceL1;
import io.octet.graph.op.Reduction.ReduceL2;
import io.octet.graph.op.Reduction.ReduceLogSum;
import io.octet.graph.op.Reduction.ReduceLogSumExp;
import io.octet.graph.op.Reduction.ReduceMax;
import io.octet.graph.op.Reduction.ReduceMean;
import io.octet.graph.op.Reduction.ReduceMin;
import io.octet.graph.op.Reduction.ReduceProd;
import io.octet.graph.op.Reduction.ReduceSum;
import io.octet.graph.op.Reduction.ReduceSumSquare;
import io.octet.graph.op.ValueInfo;
import io.octet.tensor.DataType;
import io.octet.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// What takes axes together.
final class Reduction {
  /// Makes the operator of whether axes are kept, and whether none means none.
  private interface Maker {
    io.octet.graph.op.Reduction make(boolean keepDims, boolean noop);
  }

  /// Before, axes were an attribute of all but ReduceSum.
  static final int OPSET = 18;

  static final Map<String, Reader> READERS =
      Map.of(
          "ReduceMean", Reduction::mean,
          "ReduceSum", node -> reduced(node, ReduceSum::new, 13),
          "ReduceProd", node -> reduced(node, ReduceProd::new, OPSET),
          "ReduceMax", node -> reduced(node, ReduceMax::new, OPSET),
          "ReduceMin", node -> reduced(node, ReduceMin::new, OPSET),
          "ReduceL1", node -> reduced(node, ReduceL1::new, OPSET),
          "ReduceL2", node -> reduced(node, ReduceL2::new, OPSET),
          "ReduceLogSum", node -> reduced(node, ReduceLogSum::new, OPSET),
          "ReduceLogSumExp", node -> reduced(node, ReduceLogSumExp::new, OPSET),
          "ReduceSumSquare", node -> reduced(node, ReduceSumSquare::new, OPSET));

  private Reduction() {}

  /// @param since the opset in which axes became an input
  private static List<Node> reduced(NodeView node, Maker maker, int since) {
    boolean keeps = node.flag("keepdims", true);
    boolean noop = node.opset() >= since && node.flag("noop_with_empty_axes", false);
    return node.withAxes(maker.make(keeps, noop), since);
  }

  /// Over height and width of an image, as PyTorch writes `x.mean([2, 3])`: that is
  /// GlobalAveragePool, flattened where the axes are not kept.
  private static List<Node> mean(NodeView node) {
    boolean keeps = node.flag("keepdims", true);
    if (!isOfImage(node)) {
      return reduced(node, ReduceMean::new, OPSET);
    }
    node.flag("noop_with_empty_axes", false); // Of no meaning where there are axes.
    GlobalAveragePool pool = new GlobalAveragePool();
    if (keeps) {
      return node.with(pool, List.of(node.input(0)));
    }
    String mean = node.around().fresh(node.output() + "_mean");
    String flatten = node.around().fresh(node.name() + "_flatten");
    return List.of(
        new Node(node.name(), pool, List.of(node.input(0)), mean),
        new Node(flatten, new Flatten(1), List.of(mean), node.output()));
  }

  private static boolean isOfImage(NodeView node) {
    node.requireInputs(1, node.opset() < OPSET ? 1 : 2);
    ValueInfo x = node.info(0);
    long[] axes = node.opset() < OPSET ? node.axes() : constantAxes(node);
    if (axes == null || x.shape().rank() != 4 || x.type() != DataType.F32) {
      return false;
    }
    long[] positive = Arrays.stream(axes).map(a -> a < 0 ? a + 4 : a).sorted().toArray();
    return Arrays.equals(positive, new long[] {2, 3});
  }

  private static long[] constantAxes(NodeView node) {
    return node.constant(1).filter(t -> t.type() == DataType.S64).map(Tensor::toLongs).orElse(null);
  }

  static void write(io.octet.graph.op.Reduction op, NodeWriter to) {
    to.integer("keepdims", op.keepDims() ? 1 : 0, 1);
    to.flag("noop_with_empty_axes", op.noop());
  }
}
