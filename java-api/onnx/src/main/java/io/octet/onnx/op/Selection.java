package io.octet.onnx.op;

import io.octet.graph.Node;
import io.octet.graph.op.Op;
import io.octet.graph.op.Selection.Compress;
import io.octet.graph.op.Selection.Gather;
import io.octet.graph.op.Selection.GatherElements;
import io.octet.graph.op.Selection.GatherND;
import io.octet.graph.op.Selection.Meeting;
import io.octet.graph.op.Selection.NonZero;
import io.octet.graph.op.Selection.ReverseSequence;
import io.octet.graph.op.Selection.ScatterElements;
import io.octet.graph.op.Selection.ScatterND;
import io.octet.graph.op.Selection.Slice;
import io.octet.graph.op.Selection.Trilu;
import io.octet.graph.op.Selection.Where;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What picks elements.
final class Selection {
  /// What has no attributes.
  static final List<Op> PLAIN = List.of(new Where(), new NonZero());

  static final Map<String, Reader> READERS =
      Map.ofEntries(
          Map.entry("Gather", node -> node.with(new Gather(node.int32("axis", 0)))),
          Map.entry("GatherND", node -> node.with(new GatherND(batchDims(node)))),
          Map.entry("GatherElements", node -> node.with(new GatherElements(node.int32("axis", 0)))),
          Map.entry("ScatterND", node -> node.with(new ScatterND(meeting(node)))),
          Map.entry("ScatterElements", Selection::scatter),
          Map.entry("Scatter", Selection::scatter),
          Map.entry("Compress", node -> node.with(compress(node))),
          Map.entry("ReverseSequence", node -> node.with(reverse(node))),
          Map.entry("Trilu", node -> node.with(new Trilu(node.flag("upper", true)))),
          Map.entry("Slice", Selection::slice));

  private Selection() {}

  /// Starts, ends, axes and steps are inputs since opset 10, attributes before.
  private static List<Node> slice(NodeView node) {
    if (node.opset() >= 10) {
      return node.with(new Slice());
    }
    node.requireInputs(1, 1);
    List<String> inputs = new ArrayList<>(node.inputs());
    for (String attribute : List.of("starts", "ends", "axes")) {
      long[] places = node.longs(attribute);
      if (places != null) {
        inputs.add(node.constant(attribute, places));
      } else if (!attribute.equals("axes")) {
        throw node.invalid("has no attribute \"" + attribute + "\"");
      }
    }
    return node.with(new Slice(), inputs);
  }

  private static int batchDims(NodeView node) {
    return node.opset() < 12 ? 0 : node.int32("batch_dims", 0);
  }

  /// Until opset 10 it is called Scatter.
  private static List<Node> scatter(NodeView node) {
    return node.with(new ScatterElements(node.int32("axis", 0), meeting(node)));
  }

  private static Meeting meeting(NodeView node) {
    String text = node.opset() < 16 ? "none" : node.text("reduction", "none");
    return switch (text) {
      case "none" -> Meeting.NONE;
      case "add" -> Meeting.ADD;
      case "mul" -> Meeting.MUL;
      case "max" -> Meeting.MAX;
      case "min" -> Meeting.MIN;
      default -> throw node.invalid("its reduction is \"" + text + "\"");
    };
  }

  private static Compress compress(NodeView node) {
    return new Compress(node.int32("axis", 0), !node.has("axis"));
  }

  private static ReverseSequence reverse(NodeView node) {
    return new ReverseSequence(node.int32("batch_axis", 1), node.int32("time_axis", 0));
  }

  /// The oldest opset that has the operator as it is written.
  static int opset(io.octet.graph.op.Selection op) {
    return switch (op) {
      case ScatterND(Meeting meeting) -> opset(meeting);
      case ScatterElements(int _, Meeting meeting) -> opset(meeting);
      case Gather _, Slice _, Where _, GatherND _, GatherElements _, Compress _, NonZero _ -> 13;
      case ReverseSequence _, Trilu _ -> 14;
    };
  }

  private static int opset(Meeting meeting) {
    return switch (meeting) {
      case NONE, ADD, MUL -> 16;
      case MAX, MIN -> 18;
    };
  }

  private static void meeting(Meeting meeting, NodeWriter to) {
    switch (meeting) {
      case NONE -> {}
      case ADD -> to.text("reduction", "add");
      case MUL -> to.text("reduction", "mul");
      case MAX -> to.text("reduction", "max");
      case MIN -> to.text("reduction", "min");
    }
  }

  static void write(io.octet.graph.op.Selection op, NodeWriter to) {
    switch (op) {
      case Gather(int axis) -> to.integer("axis", axis, 0);
      case GatherND(int batchDims) -> to.integer("batch_dims", batchDims, 0);
      case GatherElements(int axis) -> to.integer("axis", axis, 0);
      case ScatterND(Meeting meeting) -> meeting(meeting, to);
      case ScatterElements(int axis, Meeting meeting) -> {
        to.integer("axis", axis, 0);
        meeting(meeting, to);
      }
      case Compress(int axis, boolean flat) -> {
        if (!flat) {
          to.integer("axis", axis);
        }
      }
      case ReverseSequence(int batch, int time) -> {
        to.integer("batch_axis", batch, 1);
        to.integer("time_axis", time, 0);
      }
      case Trilu(boolean upper) -> to.integer("upper", upper ? 1 : 0, 1);
      case Slice(), Where(), NonZero() -> {}
    }
  }
}
