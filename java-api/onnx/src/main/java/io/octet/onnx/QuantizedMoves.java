package io.octet.onnx;

import io.octet.graph.Node;
import io.octet.graph.op.Quantization;
import io.octet.internal.pass.Rearrange;
import io.octet.internal.reference.Walk;
import io.octet.onnx.op.Known;
import io.octet.onnx.op.NodeView;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/// Moves the integers of a quantized constant instead of its floats: DequantizeLinear -> Reshape,
/// Transpose, Slice and the like become one DequantizeLinear of other integers, so that int8
/// weights stay int8. Scales for each channel follow their axis; where the channels do not stay on
/// one axis, nothing is moved, and the floats are.
final class QuantizedMoves {
  private static final Set<String> OPERATORS =
      Set.of(
          "Identity", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Slice", "Gather");

  /// Beyond it, channels are not followed through Slice and Gather.
  private static final int LARGEST_INDEX = 1 << 24;

  private final Values values;
  private final FoldBudget budget;

  QuantizedMoves(Values values, FoldBudget budget) {
    this.values = values;
    this.budget = budget;
  }

  /// The DequantizeLinear that stands for `node`, where it moves a quantized constant; else null.
  Node moved(NodeView node) {
    Node dequantize = values.dequantized(node.input(0));
    boolean moves =
        dequantize != null
            && OPERATORS.contains(node.type())
            && node.inputs().stream().skip(1).allMatch(i -> i.isEmpty() || values.isKnown(i));
    if (!moves) {
      return null;
    }
    Known q = values.constant(dequantize.input(0));
    Known scale = values.constant(dequantize.input(1));
    Known zero = dequantize.hasInput(2) ? values.constant(dequantize.input(2)) : null;
    int axis = ((Quantization.DequantizeLinear) dequantize.op()).axis();
    Known to = move(node, q);
    String base = dequantize.input(0) + "." + node.name();
    List<String> inputs = new ArrayList<>(dequantize.inputs());
    if (!ScaleInputs.of(node, q.shape(), axis, scale, zero).isSingle()) {
      int[] channels = channels(node, q.shape(), axis, to.shape());
      if (channels == null) {
        return null;
      }
      axis = channels[0];
      int[] picked = Arrays.copyOfRange(channels, 1, channels.length);
      if (picked.length > 0) {
        inputs.set(1, picked(dequantize.input(1), node, scale, picked));
        if (zero != null) {
          inputs.set(2, picked(dequantize.input(2), node, zero, picked));
        }
      }
    }
    node.refuseUnread();
    inputs.set(0, values.fresh(base));
    values.addConstant(inputs.getFirst(), to);
    return new Node(node.name(), new Quantization.DequantizeLinear(axis), inputs, node.output());
  }

  private Known move(NodeView node, Known first) {
    List<Known> inputs = new ArrayList<>();
    inputs.add(first);
    for (int i = 1; i < node.inputs().size(); i++) {
      inputs.add(node.hasInput(i) ? values.known(node.input(i), node) : null);
    }
    return new Movements(node, new Inputs(node, inputs), budget).evaluate();
  }

  private String picked(String name, NodeView node, Known vector, int[] channels) {
    long[] indices = Arrays.stream(channels).asLongStream().toArray();
    Shape shape = Shape.of(indices.length);
    String made = values.fresh(name + "." + node.name());
    values.addConstant(made, vector.moved(Rearrange.gather(vector.stored(), shape, 0, indices)));
    return made;
  }

  /// The channels' axis in `to`, and behind it which channels are left where not all are, in their
  /// order; null where they are spread.
  private int[] channels(NodeView node, Shape from, int axis, Shape to) {
    return switch (node.type()) {
      case "Identity" -> new int[] {axis};
      case "Transpose" -> {
        int[] perm = node.integers("perm");
        int at = to.rank() - 1 - axis;
        for (int i = 0; perm != null && i < perm.length; i++) {
          at = perm[i] == axis ? i : at;
        }
        yield new int[] {at};
      }
      case "Slice", "Gather" -> followed(node, from, axis);
      default -> {
        var at = Rearrange.axisAfterReshape(from, axis, to);
        yield at.isPresent() ? new int[] {at.getAsInt()} : null;
      }
    };
  }

  /// Moves each element's channel instead of the elements, and looks where the channels went.
  private int[] followed(NodeView node, Shape from, int axis) {
    if (from.elements() > LARGEST_INDEX) {
      return null;
    }
    long inner = Walk.strides(from)[axis];
    long count = from.size(axis);
    int[] index = new int[Math.toIntExact(from.elements())];
    for (int i = 0; i < index.length; i++) {
      index[i] = (int) (i / inner % count);
    }
    Known moved = move(node, Known.of(Tensor.of(index, from.sizes())));
    int[] at = moved.stored().toInts();
    for (int candidate = 0; candidate < moved.shape().rank() && at.length > 0; candidate++) {
      int[] channels = along(at, moved.shape(), candidate);
      if (channels != null) {
        int[] answer = new int[channels.length + 1];
        answer[0] = candidate;
        System.arraycopy(channels, 0, answer, 1, channels.length);
        return answer;
      }
    }
    return null;
  }

  /// The channel at each place of an axis, or null where it depends on other axes too.
  private static int[] along(int[] channel, Shape shape, int axis) {
    long inner = Walk.strides(shape)[axis];
    int[] places = new int[Math.toIntExact(shape.size(axis))];
    Arrays.fill(places, -1);
    for (int i = 0; i < channel.length; i++) {
      int place = (int) (i / inner % places.length);
      if (places[place] >= 0 && places[place] != channel[i]) {
        return null;
      }
      places[place] = channel[i];
    }
    return places;
  }
}
