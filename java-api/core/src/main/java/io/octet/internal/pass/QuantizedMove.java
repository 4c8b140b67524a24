package io.octet.internal.pass;

import io.octet.graph.Node;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Op;
import io.octet.graph.op.Quantization.DequantizeLinear;
import io.octet.graph.op.Selection;
import io.octet.graph.op.Traits;
import io.octet.internal.reference.Reference;
import io.octet.internal.reference.Walk;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;

/// What becomes of a DequantizeLinear of constants when the node behind it moves the integers.
/// Scales for each channel follow their axis; where the channels do not stay on one axis there is
/// no such move, and the floats are what moves.
public final class QuantizedMove {
  /// Beyond it, channels are not followed through nodes that pick some of them.
  private static final int LARGEST_INDEX = 1 << 24;

  private QuantizedMove() {}

  /// Where constants are kept.
  public interface Store {
    /// The constant of a name, or null where it is none.
    Tensor get(String name);

    /// Keeps a constant.
    ///
    /// @return what it is called: `wanted`, or a name like it that nobody bears
    String add(String wanted, Tensor constant);
  }

  /// @param op dequantizes the moved integers
  /// @param inputs the integers, the scale and, where the node had one, the zero point
  private record Moved(DequantizeLinear op, List<Tensor> inputs) {}

  /// The channels after a move.
  ///
  /// @param axis where they are
  /// @param picked which are left, in their order; empty where all are, in the order that they had
  private record Channels(int axis, long[] picked) {
    static Optional<Channels> all(int axis) {
      return axis < 0 ? Optional.empty() : Optional.of(new Channels(axis, new long[0]));
    }
  }

  /// The DequantizeLinear of moved integers that stands for a node.
  ///
  /// @param node reads what `dequantize` makes as its first input
  /// @param constants has those of `dequantize`, and is given the moved ones
  /// @return nothing where the node does more than to pick elements of its first input
  public static Optional<Node> rewrite(
      Node node, Node dequantize, Store constants, GrowthBudget budget) {
    return of(node, dequantize, constants::get, budget)
        .map(
            moved -> {
              List<String> inputs = new ArrayList<>(dequantize.inputs());
              for (int i = 0; i < moved.inputs.size(); i++) {
                String before = inputs.get(i);
                Tensor now = moved.inputs.get(i);
                if (now != constants.get(before)) {
                  inputs.set(i, constants.add(before + "." + node.name(), now));
                }
              }
              return new Node(node.name(), moved.op, inputs, node.output());
            });
  }

  private static Optional<Moved> of(
      Node node, Node dequantize, Function<String, Tensor> constants, GrowthBudget budget) {
    Tensor q = constants.apply(dequantize.input(0));
    if (!moves(node)) {
      return Optional.empty();
    }
    return moved(node, q, constants, budget)
        .flatMap(
            to -> {
              int axis = ((DequantizeLinear) dequantize.op()).axis();
              if (constants.apply(dequantize.input(1)).elements() == 1) {
                return Optional.of(of(dequantize, constants, to, new Channels(axis, new long[0])));
              }
              int channels = q.shape().axis(axis).orElseThrow();
              return channels(node, q.shape(), channels, to.shape(), constants, budget)
                  .map(now -> of(dequantize, constants, to, now));
            });
  }

  private static Moved of(
      Node dequantize, Function<String, Tensor> constants, Tensor q, Channels channels) {
    List<Tensor> inputs = new ArrayList<>(List.of(q));
    for (int i = 1; i < 3 && dequantize.hasInput(i); i++) {
      Tensor vector = constants.apply(dequantize.input(i));
      inputs.add(channels.picked.length == 0 ? vector : picked(vector, channels.picked));
    }
    return new Moved(new DequantizeLinear(channels.axis), inputs);
  }

  private static Tensor picked(Tensor vector, long[] places) {
    Tensor picked = Constants.zeros(vector.type(), Shape.of(places.length));
    Tensor indices = Tensor.of(places, places.length);
    Reference.evaluate(new Selection.Gather(0), List.of(vector, indices), List.of(picked));
    return picked;
  }

  /// Whether each element of the result is one of the first input's.
  private static boolean moves(Node node) {
    Op op = node.op();
    boolean picks = op.traits().values() == Traits.Values.PICKED && !(op instanceof Movement.Pad);
    boolean moves = picks && (op instanceof Movement || op instanceof Selection);
    boolean one = IntStream.range(1, node.inputs().size()).noneMatch(op.signature()::isData);
    return moves && one && node.outputs().size() == 1;
  }

  /// What the node makes of another first input.
  private static Optional<Tensor> moved(
      Node node, Tensor first, Function<String, Tensor> constants, GrowthBudget budget) {
    String name = node.input(0);
    boolean again = Collections.frequency(node.inputs(), name) > 1;
    Function<String, Tensor> replaced = n -> n.equals(name) ? first : constants.apply(n);
    return again
        ? Optional.empty()
        : FoldConstants.evaluate(node, replaced, budget).map(List::getFirst);
  }

  private static Optional<Channels> channels(
      Node node,
      Shape from,
      int axis,
      Shape to,
      Function<String, Tensor> constants,
      GrowthBudget budget) {
    if (node.op() instanceof Movement.Transpose(List<Integer> perm)) {
      return Channels.all(perm.isEmpty() ? to.rank() - 1 - axis : perm.indexOf(axis));
    }
    if (Reference.isView(node.op())) {
      return Channels.all(axisAfterReshape(from, axis, to));
    }
    return from.elements() > LARGEST_INDEX
        ? Optional.empty()
        : moved(node, channelOfEach(from, axis), constants, budget)
            .flatMap(moved -> followed(moved.toInts(), moved.shape()));
  }

  /// Where `axis` of `from` lies in `to`, a shape of as many elements: nowhere, -1, if it is merged
  /// with others or split.
  private static int axisAfterReshape(Shape from, int axis, Shape to) {
    long size = from.size(axis);
    long inner = Walk.strides(from)[axis];
    long[] steps = Walk.strides(to);
    return IntStream.range(0, steps.length)
        .filter(i -> to.size(i) == size && steps[i] == inner)
        .findFirst()
        .orElse(-1);
  }

  /// Each element's channel, which is moved instead of the elements.
  private static Tensor channelOfEach(Shape shape, int axis) {
    long inner = Walk.strides(shape)[axis];
    int[] channel = new int[Math.toIntExact(shape.elements())];
    for (int i = 0; i < channel.length; i++) {
      channel[i] = (int) (i / inner % shape.size(axis));
    }
    return Tensor.of(channel, shape.sizes());
  }

  /// The first axis at each of whose places there is one channel alone.
  private static Optional<Channels> followed(int[] channel, Shape shape) {
    for (int axis = 0; axis < shape.rank() && channel.length > 0; axis++) {
      long[] places = new long[Math.toIntExact(shape.size(axis))];
      if (areAlong(axis, channel, shape, places)) {
        return Optional.of(new Channels(axis, places));
      }
    }
    return Optional.empty();
  }

  /// @param places becomes the channel at each place of the axis
  private static boolean areAlong(int axis, int[] channel, Shape shape, long[] places) {
    long inner = Walk.strides(shape)[axis];
    Arrays.fill(places, -1);
    for (int i = 0; i < channel.length; i++) {
      int place = (int) (i / inner % places.length);
      if (places[place] >= 0 && places[place] != channel[i]) {
        return false;
      }
      places[place] = channel[i];
    }
    return true;
  }
}
