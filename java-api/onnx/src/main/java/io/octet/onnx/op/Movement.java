package io.octet.onnx.op;

import io.octet.graph.Node;
import io.octet.graph.op.Generation.ConstantOfShape;
import io.octet.graph.op.Generation.Shape;
import io.octet.graph.op.Movement.Concat;
import io.octet.graph.op.Movement.DepthToSpace;
import io.octet.graph.op.Movement.Dropout;
import io.octet.graph.op.Movement.Expand;
import io.octet.graph.op.Movement.Flatten;
import io.octet.graph.op.Movement.Identity;
import io.octet.graph.op.Movement.Pad;
import io.octet.graph.op.Movement.PadMode;
import io.octet.graph.op.Movement.Reshape;
import io.octet.graph.op.Movement.SpaceToDepth;
import io.octet.graph.op.Movement.Split;
import io.octet.graph.op.Movement.Squeeze;
import io.octet.graph.op.Movement.Tile;
import io.octet.graph.op.Movement.Transpose;
import io.octet.graph.op.Movement.Unsqueeze;
import io.octet.graph.op.Op;
import io.octet.tensor.DataType;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/// What moves elements and computes nothing.
final class Movement {
  /// What has no attributes.
  static final List<Op> PLAIN = List.of(new Identity(), new Expand(), new Tile());

  static final Map<String, Reader> READERS =
      Map.ofEntries(
          Map.entry("Flatten", node -> node.with(new Flatten(node.int32("axis", 1)))),
          Map.entry("Reshape", node -> node.with(new Reshape(node.flag("allowzero", false)))),
          Map.entry("Transpose", node -> node.with(transpose(node))),
          Map.entry("Concat", node -> node.with(concat(node))),
          Map.entry("Split", Movement::split),
          Map.entry("Pad", Movement::pad),
          Map.entry("DepthToSpace", node -> node.with(toSpace(node))),
          Map.entry(
              "SpaceToDepth", node -> node.with(new SpaceToDepth(node.int32("blocksize", 0)))),
          Map.entry("Squeeze", node -> node.withAxes(new Squeeze(), 13)),
          Map.entry("Unsqueeze", node -> node.withAxes(new Unsqueeze(), 13)),
          Map.entry("Dropout", Movement::dropout));

  private Movement() {}

  private static Transpose transpose(NodeView node) {
    int[] perm = node.integers("perm");
    return new Transpose(perm == null ? List.of() : Arrays.stream(perm).boxed().toList());
  }

  private static Concat concat(NodeView node) {
    if (!node.has("axis")) {
      throw node.invalid("has no attribute \"axis\"");
    }
    return new Concat(node.int32("axis", 0));
  }

  /// Sizes are an attribute until opset 12, an input since; the number of pieces is an attribute
  /// since opset 18, before it is that of the outputs.
  private static List<Node> split(NodeView node) {
    int outputs = node.outputCount();
    int axis = node.int32("axis", 0);
    long[] sizes = node.opset() < 13 ? node.longs("split") : null;
    if (sizes != null) {
      node.requireInputs(1, 1);
      List<String> inputs = List.of(node.input(0), node.constant("split", sizes));
      return node.with(new Split(axis, 0), inputs, outputs);
    }
    node.requireInputs(1, node.opset() < 13 ? 1 : 2);
    if (node.hasInput(1)) {
      return node.with(new Split(axis, 0), node.inputs(), outputs);
    }
    if (node.opset() >= 18 && node.integer("num_outputs", outputs) != outputs) {
      throw node.invalid("its num_outputs is not that of its " + outputs + " outputs");
    }
    return node.with(new Split(axis, outputs), List.of(node.input(0)), outputs);
  }

  private static DepthToSpace toSpace(NodeView node) {
    String mode = node.opset() < 11 ? "DCR" : node.text("mode", "DCR");
    if (!mode.equals("DCR") && !mode.equals("CRD")) {
      throw node.invalid("its mode is \"" + mode + "\"");
    }
    return new DepthToSpace(node.int32("blocksize", 0), mode.equals("CRD"));
  }

  /// Pads and value are attributes until opset 10, inputs since; axes are an input since opset 18.
  private static List<Node> pad(NodeView node) {
    PadMode mode = mode(node);
    if (node.opset() >= 11) {
      node.requireInputs(2, node.opset() < 18 ? 3 : 4);
      boolean zero =
          mode != PadMode.CONSTANT || node.constant(2).filter(Movement::isZero).isPresent();
      String fill = zero ? "" : node.input(2);
      return node.hasInput(3) && node.constant(3).isEmpty()
          ? node.with(
              new Pad(mode, List.of()),
              List.of(node.input(0), node.input(1), fill, node.input(3)),
              1)
          : node.with(new Pad(mode, axes(node)), List.of(node.input(0), node.input(1), fill), 1);
    }
    node.requireInputs(1, 1);
    long[] pads = node.longs("pads");
    if (pads == null) {
      throw node.invalid("has no attribute \"pads\"");
    }
    float value = node.real("value", 0);
    String fill = "";
    if (value != 0) {
      fill = node.around().fresh(node.output() + "_value");
      node.around().addConstant(fill, Tensor.scalar(value));
    }
    return node.with(
        new Pad(mode, List.of()), List.of(node.input(0), node.constant("pads", pads), fill), 1);
  }

  private static boolean isZero(Tensor value) {
    return value.elements() == 1 && value.getReal(0) == 0;
  }

  private static PadMode mode(NodeView node) {
    String mode = node.text("mode", "constant");
    return switch (mode) {
      case "constant" -> PadMode.CONSTANT;
      case "reflect" -> PadMode.REFLECT;
      case "edge" -> PadMode.EDGE;
      case "wrap" -> PadMode.WRAP;
      default -> throw node.invalid("its mode is \"" + mode + "\"");
    };
  }

  private static List<Integer> axes(NodeView node) {
    if (!node.hasInput(3)) {
      return List.of();
    }
    Tensor axes = node.constant(3).orElseThrow();
    if (axes.elements() == 0) {
      throw node.unsupported("pads no axis");
    }
    return LongStream.range(0, axes.elements())
        .mapToObj(i -> Math.toIntExact(axes.getInteger(i)))
        .toList();
  }

  private static List<Node> dropout(NodeView node) {
    node.requireInputs(1, 3);
    node.ignore("ratio");
    node.ignore("seed");
    if (node.hasInput(2)
        && !(node.hasInput(1) && node.constant(1).filter(Movement::isZero).isPresent())) {
      Tensor training = node.constant(2).orElse(null);
      boolean known = training != null && training.elements() == 1 && !training.type().isFloat();
      if (!known || training.getInteger(0) != 0) {
        throw node.unsupported("training_mode may be set; export the model for inference");
      }
    }
    List<Node> nodes = new ArrayList<>(node.with(new Dropout(), List.of(node.input(0))));
    if (node.isRead(1)) { // What is kept: all.
      String sizes = node.around().fresh(node.output() + "_sizes");
      String shape = node.around().fresh(node.name() + "_shape");
      String mask = node.around().fresh(node.name() + "_mask");
      DataType type = node.opset() < 10 ? DataType.F32 : DataType.BOOL;
      nodes.add(new Node(shape, new Shape(), List.of(node.input(0)), sizes));
      nodes.add(
          new Node(mask, new ConstantOfShape(type, 1), List.of(sizes), node.outputs(2).get(1)));
    }
    return nodes;
  }

  /// The oldest opset that has the operator as it is written.
  ///
  /// @param inputs how many it has
  static int opset(io.octet.graph.op.Movement op, int inputs) {
    return switch (op) {
      case Split(int _, int parts) -> parts > 0 ? 18 : 13;
      case Pad(PadMode mode, List<Integer> axes, int _) ->
          mode == PadMode.WRAP ? 19 : axes.isEmpty() && inputs < 4 ? 13 : 18;
      case Flatten _, Reshape _, Transpose _, Concat _, Squeeze _, Unsqueeze _, Expand _ -> 13;
      case Tile _, DepthToSpace _, SpaceToDepth _ -> 13;
      case Identity _, Dropout _ -> 13;
    };
  }

  static void write(io.octet.graph.op.Movement op, NodeWriter to) {
    switch (op) {
      case Flatten(int axis) -> to.integer("axis", axis, 1);
      case Reshape(boolean allowZero) -> to.flag("allowzero", allowZero);
      case Transpose(List<Integer> perm) -> {
        if (!perm.isEmpty()) {
          to.integers("perm", perm.stream().mapToInt(Integer::intValue).toArray());
        }
      }
      case Concat(int axis) -> to.integer("axis", axis);
      case Split(int axis, int parts) -> {
        to.integer("axis", axis, 0);
        to.integer("num_outputs", parts, 0);
      }
      case Pad pad -> pad(pad, to);
      case DepthToSpace(int block, boolean columnsFirst) -> {
        to.integer("blocksize", block);
        if (columnsFirst) {
          to.text("mode", "CRD");
        }
      }
      case SpaceToDepth(int block) -> to.integer("blocksize", block);
      case Identity(), Dropout(), Squeeze(), Unsqueeze(), Expand(), Tile() -> {}
    }
  }

  private static void pad(Pad pad, NodeWriter to) {
    switch (pad.mode()) {
      case CONSTANT -> {}
      case REFLECT -> to.text("mode", "reflect");
      case EDGE -> to.text("mode", "edge");
      case WRAP -> to.text("mode", "wrap");
    }
    if (!pad.axes().isEmpty()) {
      long[] axes = pad.axes().stream().mapToLong(Integer::longValue).toArray();
      to.input(3, List.of("axes", pad.axes()), "axes", Tensor.of(axes, axes.length));
    }
  }
}
