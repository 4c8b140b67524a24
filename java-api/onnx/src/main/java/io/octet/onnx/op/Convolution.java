package io.octet.onnx.op;

import io.octet.graph.Node;
import io.octet.graph.op.Convolution.Conv;
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
      Map.of("Conv", Convolution::conv, "ConvTranspose", Convolution::transposed);

  private Convolution() {}

  private static List<Node> conv(NodeView node) {
    return node.with(new Conv(window(node), node.int32("group", 1)));
  }

  private static List<Node> transposed(NodeView node) {
    Window window = window(node);
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

  private static Window window(NodeView node) {
    return Windows.read(node, node.has("kernel_shape") ? null : kernel(node));
  }

  /// The kernel's size, where only the weights tell it.
  private static int[] kernel(NodeView node) {
    node.requireInputs(2, 3);
    Shape weights = node.info(1).shape();
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
      case Conv _ -> {}
      case ConvTranspose transposed -> {
        to.integers("output_padding", transposed.outputPadding(), 0);
        if (!transposed.outputShape().isEmpty()) {
          to.integers("output_shape", transposed.outputShape());
        }
      }
    }
  }
}
