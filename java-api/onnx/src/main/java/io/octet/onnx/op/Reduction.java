package io.octet.onnx.op;

import io.octet.graph.Node;
import io.octet.graph.op.Movement.Flatten;
import io.octet.graph.op.Pooling.GlobalAveragePool;
import io.octet.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// What takes axes together.
final class Reduction {
  static final Map<String, Reader> READERS = Map.of("ReduceMean", Reduction::mean);

  private Reduction() {}

  /// ReduceMean over height and width of an image, as PyTorch writes `x.mean([2, 3])`: that is
  /// GlobalAveragePool, flattened where the axes are not kept.
  private static List<Node> mean(NodeView node) {
    node.requireInputs(1, 2);
    boolean keeps = node.flag("keepdims", true);
    node.flag("noop_with_empty_axes", false); // Of no meaning where there are axes.
    Shape x = node.info(0).shape();
    long[] axes = axes(node);
    long[] positive = axes == null ? new long[0] : axes.clone();
    for (int i = 0; i < positive.length; i++) {
      positive[i] += positive[i] < 0 ? x.rank() : 0;
    }
    Arrays.sort(positive);
    if (x.rank() != 4 || !Arrays.equals(positive, new long[] {2, 3})) {
      throw node.unsupported(
          "the mean over height and width of an image [N,C,H,W] alone is supported, but its axes"
              + " are "
              + (axes == null ? "all" : Arrays.toString(axes))
              + " of "
              + x);
    }
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

  /// An attribute until opset 17, an input since; null for all axes.
  private static long[] axes(NodeView node) {
    if (node.opset() < 18) {
      node.requireInputs(1, 1);
      int[] axes = node.integers("axes");
      return axes == null ? null : Arrays.stream(axes).asLongStream().toArray();
    }
    if (!node.hasInput(1)) {
      return null;
    }
    Known axes = node.around().constant(node.input(1));
    if (axes == null || axes.isReal()) {
      throw node.unsupported("its axes \"" + node.input(1) + "\" are no constant integers");
    }
    return axes.integers();
  }

  static void write(io.octet.graph.op.Reduction op, NodeWriter to) {
    to.integer("keepdims", op.keepDims() ? 1 : 0, 1);
    to.flag("noop_with_empty_axes", op.noop());
  }
}
