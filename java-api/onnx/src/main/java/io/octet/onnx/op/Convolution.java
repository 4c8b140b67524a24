package io.octet.onnx.op;

import io.octet.graph.Node;
import io.octet.graph.op.Convolution.Conv;
import io.octet.graph.op.Window;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import java.util.List;
import java.util.Map;

/// Convolutions of images.
final class Convolution {
  static final Map<String, Reader> READERS = Map.of("Conv", Convolution::conv);

  private Convolution() {}

  private static List<Node> conv(NodeView node) {
    int groups = node.int32("group", 1);
    int[] kernel = node.has("kernel_shape") ? null : kernel(node);
    return node.with(new Conv(Windows.read(node, kernel), groups));
  }

  /// The kernel's size, where only the weights tell it.
  private static int[] kernel(NodeView node) {
    node.requireInputs(2, 3);
    Shape weights = node.info(1).shape();
    if (weights.rank() != 4
        || !(weights.dim(2) instanceof Dim.Fixed(long height))
        || !(weights.dim(3) instanceof Dim.Fixed(long width))) {
      throw node.unsupported("weights must be [M,C,kH,kW], but are " + weights);
    }
    return new int[] {Math.toIntExact(height), Math.toIntExact(width)};
  }

  static void write(io.octet.graph.op.Convolution op, NodeWriter to) {
    switch (op) {
      case Conv(Window window, int groups) -> {
        Windows.write(window, to);
        to.integer("group", groups, 1);
      }
    }
  }
}
