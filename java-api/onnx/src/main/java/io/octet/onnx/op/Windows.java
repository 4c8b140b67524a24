package io.octet.onnx.op;

import io.octet.graph.op.Window;
import io.octet.graph.op.Window.AutoPad;
import java.util.Arrays;

/// The attributes that convolutions and pools share: `kernel_shape`, `strides`, `dilations`, `pads`
/// and `auto_pad`, for two spatial axes.
final class Windows {
  private Windows() {}

  /// @param kernel height and width where the node has no `kernel_shape`, or null where it must
  /// @throws IllegalArgumentException if no window is like that
  static Window read(NodeView node, int[] kernel) {
    int[] shape = node.has("kernel_shape") ? pair(node, "kernel_shape", 0) : kernel;
    if (shape == null) {
      throw node.invalid("has no attribute \"kernel_shape\"");
    }
    int[] stride = pair(node, "strides", 1);
    int[] dilation = pair(node, "dilations", 1);
    Window window =
        Window.of(shape[0], shape[1])
            .stride(stride[0], stride[1])
            .dilation(dilation[0], dilation[1]);
    AutoPad mode = autoPad(node);
    int[] pads = pads(node);
    if (mode == AutoPad.NOTSET) {
      return window.pads(pads[0], pads[1], pads[2], pads[3]);
    }
    if (Arrays.stream(pads).anyMatch(p -> p != 0)) {
      throw node.invalid("has both auto_pad " + mode + " and pads " + Arrays.toString(pads));
    }
    return window.autoPad(mode);
  }

  /// Without what has ONNX's default.
  static void write(Window window, NodeWriter to) {
    to.integers("kernel_shape", window.kernelH(), window.kernelW());
    to.pair("strides", window.strideH(), window.strideW());
    to.pair("dilations", window.dilationH(), window.dilationW());
    if (window.autoPad() != AutoPad.NOTSET) {
      to.text("auto_pad", window.autoPad().name());
    } else if ((window.padTop() | window.padLeft() | window.padBottom() | window.padRight()) != 0) {
      to.integers("pads", window.padTop(), window.padLeft(), window.padBottom(), window.padRight());
    }
  }

  private static AutoPad autoPad(NodeView node) {
    String mode = node.text("auto_pad", "NOTSET");
    return switch (mode) {
      case "NOTSET", "" -> AutoPad.NOTSET;
      case "VALID" -> AutoPad.VALID;
      case "SAME_UPPER" -> AutoPad.SAME_UPPER;
      case "SAME_LOWER" -> AutoPad.SAME_LOWER;
      default -> throw node.invalid("auto_pad is \"" + mode + "\"");
    };
  }

  /// Top, left, bottom, right: ONNX lists the beginnings of all axes before their ends.
  private static int[] pads(NodeView node) {
    int[] pads = node.integers("pads");
    if (pads == null) {
      return new int[4];
    }
    if (pads.length != 4) {
      throw notTwo(node, "pads", pads);
    }
    return pads;
  }

  private static int[] pair(NodeView node, String attribute, int absent) {
    int[] values = node.integers(attribute);
    if (values == null) {
      return new int[] {absent, absent};
    }
    if (values.length != 2) {
      throw notTwo(node, attribute, values);
    }
    return values;
  }

  private static RuntimeException notTwo(NodeView node, String attribute, int[] values) {
    return node.unsupported(
        attribute + " is " + Arrays.toString(values) + "; only two spatial axes are supported");
  }
}
