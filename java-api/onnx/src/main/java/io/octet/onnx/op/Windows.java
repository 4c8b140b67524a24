package io.octet.onnx.op;

import io.octet.graph.op.Window;
import io.octet.graph.op.Window.AutoPad;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The attributes that convolutions and pools share: `kernel_shape`, `strides`, `dilations`, `pads`
/// and `auto_pad`, each for all spatial axes.
final class Windows {
  private Windows() {}

  /// @param kernel the size where the node has no `kernel_shape`, or null where it must
  /// @throws IllegalArgumentException if no window is like that
  static Window read(NodeView node, int[] kernel) {
    int[] shape = node.has("kernel_shape") ? node.integers("kernel_shape") : kernel;
    if (shape == null) {
      throw node.invalid("has no attribute \"kernel_shape\"");
    }
    Window window =
        Window.of(shape)
            .stride(each(node, "strides", shape.length, 1))
            .dilation(each(node, "dilations", shape.length, 1));
    AutoPad mode = autoPad(node);
    int[] pads = each(node, "pads", 2 * shape.length, 0);
    if (mode == AutoPad.NOTSET) {
      return window.pads(pads);
    }
    if (Arrays.stream(pads).anyMatch(p -> p != 0)) {
      throw node.invalid("has both auto_pad " + mode + " and pads " + Arrays.toString(pads));
    }
    return window.autoPad(mode);
  }

  /// Without what has ONNX's default.
  static void write(Window window, NodeWriter to) {
    to.integers("kernel_shape", window.kernel());
    to.integers("strides", window.strides(), 1);
    to.integers("dilations", window.dilations(), 1);
    if (window.autoPad() != AutoPad.NOTSET) {
      to.text("auto_pad", window.autoPad().name());
    } else if (window.isPadded()) {
      List<Integer> pads = new ArrayList<>(window.padsBefore());
      pads.addAll(window.padsAfter());
      to.integers("pads", pads);
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

  /// An attribute of that many numbers. ONNX lists the pads before all axes, then those behind
  /// them.
  static int[] each(NodeView node, String attribute, int count, int absent) {
    int[] values = node.integers(attribute);
    if (values == null) {
      int[] same = new int[count];
      Arrays.fill(same, absent);
      return same;
    }
    if (values.length != count) {
      throw node.invalid(
          attribute + " is " + Arrays.toString(values) + ", but must be " + count + " numbers");
    }
    return values;
  }
}
