package io.octet.onnx.op;

import io.octet.graph.Node;
import io.octet.graph.op.Resampling.Coordinates;
import io.octet.graph.op.Resampling.Mode;
import io.octet.graph.op.Resampling.Nearest;
import io.octet.graph.op.Resampling.Policy;
import io.octet.graph.op.Resampling.Resize;
import io.octet.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/// What gives data another size.
final class Resampling {
  static final Map<String, Reader> READERS =
      Map.of("Resize", Resampling::resize, "Upsample", Resampling::upsample);

  private Resampling() {}

  private static List<Node> resize(NodeView node) {
    if (node.opset() < 11) {
      return old(node, node.input(1));
    }
    Coordinates coordinates =
        choice(node, "coordinate_transformation_mode", Coordinates.HALF_PIXEL);
    Nearest nearest = choice(node, "nearest_mode", Nearest.ROUND_PREFER_FLOOR);
    Mode mode = choice(node, "mode", Mode.NEAREST);
    if (coordinates == Coordinates.TF_HALF_PIXEL_FOR_NN && nearest == Nearest.FLOOR) {
      coordinates = Coordinates.HALF_PIXEL; // the same, by a name that later opsets have
      nearest = Nearest.ROUND_PREFER_CEIL;
    }
    int[] axes = node.integers("axes");
    Resize op =
        new Resize(
            mode,
            coordinates,
            nearest,
            node.real("cubic_coeff_a", -0.75f),
            node.flag("exclude_outside", false),
            node.real("extrapolation_value", 0),
            node.flag("antialias", false),
            choice(node, "keep_aspect_ratio_policy", Policy.STRETCH),
            axes == null ? List.of() : IntStream.of(axes).boxed().toList());
    node.requireInputs(1, 4);
    boolean crops = coordinates == Coordinates.TF_CROP_AND_RESIZE;
    List<String> inputs =
        List.of(node.input(0), crops ? present(node, 1) : "", present(node, 2), present(node, 3));
    return node.onFloats(1, node.with(op, inputs, 1));
  }

  /// Input `index`, or "" where it is absent: an empty list stands for none.
  private static String present(NodeView node, int index) {
    boolean none =
        !node.hasInput(index)
            || node.info(index).shape().rank() == 1
                && node.info(index).shape().dim(0).number().orElse(1) == 0;
    return none ? "" : node.input(index);
  }

  /// An attribute that is one of some words.
  private static <E extends Enum<E>> E choice(NodeView node, String attribute, E absent) {
    String word = node.text(attribute, "");
    if (word.isEmpty()) {
      return absent;
    }
    return Arrays.stream(absent.getDeclaringClass().getEnumConstants())
        .filter(e -> word.equals(word(e)))
        .findFirst()
        .orElseThrow(() -> node.invalid(attribute + " is \"" + word + "\""));
  }

  private static String word(Enum<?> choice) {
    return choice.name().toLowerCase(Locale.ROOT);
  }

  private static List<Node> upsample(NodeView node) {
    if (node.opset() > 9) {
      throw node.unsupported("is read until opset 9, the model's is " + node.opset());
    }
    node.requireInputs(1, 2);
    if (node.opset() == 9) {
      return old(node, node.input(1));
    }
    float[] scales = node.reals("scales");
    if (scales == null) {
      throw node.invalid("has no attribute \"scales\"");
    }
    String made = node.around().fresh(node.output() + "_scales");
    node.around().addConstant(made, Tensor.of(scales, scales.length));
    return old(node, made);
  }

  /// Before opset 11 ONNX says nothing of positions: pixels are counted from the corner, and the
  /// nearest one is, as ONNX Runtime has it, the one before where there are more, and the one
  /// behind where there are fewer.
  private static List<Node> old(NodeView node, String scales) {
    Mode mode =
        switch (node.text("mode", "nearest")) {
          case "nearest" -> Mode.NEAREST;
          case "linear", "bilinear" -> Mode.LINEAR;
          default -> throw node.invalid("mode is \"" + node.text("mode", "") + "\"");
        };
    Nearest nearest = Nearest.FLOOR;
    Tensor known = node.around().constant(scales).orElse(null);
    if (known != null && mode == Mode.NEAREST) {
      boolean smaller = false;
      boolean larger = false;
      for (long i = 0; i < known.elements(); i++) {
        smaller |= known.getReal(i) < 1;
        larger |= known.getReal(i) > 1;
      }
      if (smaller && larger) {
        throw node.unsupported("makes some axes larger and others smaller");
      }
      nearest = smaller ? Nearest.CEIL : Nearest.FLOOR;
    }
    Resize op = Resize.of(mode, Coordinates.ASYMMETRIC, nearest);
    return node.onFloats(1, node.with(op, List.of(node.input(0), "", scales), 1));
  }

  /// Axes, antialias and policies exist since opset 18, one way of counting since 19.
  static int opset(io.octet.graph.op.Resampling op) {
    return switch (op) {
      case Resize r when r.coordinates() == Coordinates.HALF_PIXEL_SYMMETRIC -> 19;
      case Resize r ->
          r.antialias() || !r.axes().isEmpty() || r.policy() != Policy.STRETCH ? 18 : 17;
    };
  }

  static void write(io.octet.graph.op.Resampling op, NodeWriter to) {
    switch (op) {
      case Resize r -> {
        to.text("mode", word(r.mode()));
        to.text("coordinate_transformation_mode", word(r.coordinates()));
        if (r.mode() == Mode.NEAREST) {
          to.text("nearest_mode", word(r.nearest()));
        }
        to.real("cubic_coeff_a", r.cubicA(), -0.75f);
        to.flag("exclude_outside", r.excludeOutside());
        to.real("extrapolation_value", r.extrapolation(), 0);
        to.flag("antialias", r.antialias());
        if (r.policy() != Policy.STRETCH) {
          to.text("keep_aspect_ratio_policy", word(r.policy()));
        }
        if (!r.axes().isEmpty()) {
          to.integers("axes", r.axes());
        }
      }
    }
  }
}
