package io.octet.onnx.op;

import io.octet.graph.Node;
import io.octet.graph.op.Convolution.Conv;
import io.octet.graph.op.Convolution.ConvInteger;
import io.octet.graph.op.Convolution.ConvTranspose;
import io.octet.graph.op.Window;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// Convolutions of images.
final class Convolution {
  static final Map<String, Reader> READERS =
      Map.of(
          "Conv", node -> node.with(conv(node, 1)),
          "ConvInteger", node -> node.with(integer(conv(node, 1))),
          "ConvTranspose", Convolution::transposed);

  private Convolution() {}

  /// @param weights which input the weights are
  static Conv conv(NodeView node, int weights) {
    return new Conv(window(node, weights), node.int32("group", 1));
  }

  private static ConvInteger integer(Conv conv) {
    return new ConvInteger(conv.window(), conv.groups());
  }

  private static List<Node> transposed(NodeView node) {
    Window window = window(node, 1);
    int axes = window.axes();
    int[] sizes = node.integers("output_shape");
    if (sizes == null) {
      sizes = new int[0];
    } else if (sizes.length != axes && sizes.length != axes + 2) {
      throw node.invalid("output_shape is " + Arrays.toString(sizes));
    }
    int first = sizes.length == axes + 2 ? 2 : 0; // some tools write batch and channels, too
    return node.with(
        new ConvTranspose(
            window,
            node.int32("group", 1),
            list(Windows.each(node, "output_padding", axes, 0)),
            list(Arrays.copyOfRange(sizes, first, sizes.length))));
  }

  private static List<Integer> list(int... values) {
    return IntStream.of(values).boxed().toList();
  }

  private static Window window(NodeView node, int weights) {
    return Windows.read(node, node.has("kernel_shape") ? null : kernel(node, weights));
  }

  /// The kernel's size, where only the weights tell it.
  private static int[] kernel(NodeView node, int index) {
    node.requireInputs(index + 1, Integer.MAX_VALUE);
    Shape weights = node.info(index).shape();
    int[] kernel = new int[Math.max(0, weights.rank() - 2)];
    for (int axis = 0; axis < kernel.length; axis++) {
      kernel[axis] =
          weights.dim(2 + axis) instanceof Dim.Fixed(long size) ? Math.toIntExact(size) : 0;
    }
    if (kernel.length == 0 || Arrays.stream(kernel).anyMatch(size -> size == 0)) {
      throw node.unsupported("weights must be [M,C,...] of known size, but are " + weights);
    }
    return kernel;
  }

  static void write(io.octet.graph.op.Convolution op, NodeWriter to) {
    Windows.write(op.window(), to);
    to.integer("group", op.groups(), 1);
    switch (op) {
      case Conv _, ConvInteger _ -> {}
      case ConvTranspose transposed -> {
        to.integers("output_padding", transposed.outputPadding(), 0);
        if (!transposed.outputShape().isEmpty()) {
          to.integers("output_shape", transposed.outputShape());
        }
      }
    }
  }
}
