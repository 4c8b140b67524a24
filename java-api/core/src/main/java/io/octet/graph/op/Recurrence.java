package io.octet.graph.op;

import static io.octet.tensor.DataType.F32;
import static io.octet.tensor.DataType.S32;

import io.octet.graph.op.Traits.Axes;
import io.octet.graph.op.Traits.Values;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// What walks along a sequence with a state. T steps, B sequences, I inputs, H hidden values, D
/// directions. Inputs: X [T,B,I], W [D,G*H,I], R [D,G*H,H], optional B [D,2*G*H], optional lengths
/// (s32, [B]), optional first state [D,B,H]; results: Y [T,D,B,H], and the last state [D,B,H].
/// Where the batch is first, X is [B,T,I], Y [B,T,D,H] and states are [B,D,H]. Steps behind a
/// sequence's length leave its state alone, and are 0 in Y.
public sealed interface Recurrence extends Op {
  /// Long short-term memory: gates i, o, f, c. Two more inputs, the first cell state and the
  /// peepholes [D,3*H] (i, o, f), and a third result, the last cell state.
  ///
  /// @param inputForget whether the forget gate is what the input gate leaves: `1 - i`
  record LSTM(Form form, boolean inputForget) implements Recurrence {}

  /// Gated recurrent unit: gates z, r, h.
  ///
  /// @param linearBeforeReset whether the reset gate multiplies the product of the state and its
  ///   weights, with its bias, rather than the state
  record GRU(Form form, boolean linearBeforeReset) implements Recurrence {}

  /// One layer of `f(X*W + H*R + B)`.
  record RNN(Form form) implements Recurrence {}

  /// Which way the steps are taken.
  enum Direction {
    FORWARD,
    REVERSE,
    BIDIRECTIONAL
  }

  /// A function of a gate.
  ///
  /// @param alpha means something to those functions that have it
  /// @param beta as alpha
  record Activation(Curve curve, float alpha, float beta) {
    /// The functions that ONNX lists.
    public enum Curve {
      RELU,
      TANH,
      SIGMOID,
      AFFINE,
      LEAKY_RELU,
      THRESHOLDED_RELU,
      SCALED_TANH,
      HARD_SIGMOID,
      ELU,
      SOFTSIGN,
      SOFTPLUS
    }
  }

  /// What all members have in common.
  ///
  /// @param hidden size of the state
  /// @param activations for each direction one after the other: f, g and h of LSTM, f and g of GRU,
  ///   f of RNN
  /// @param clip what no gate exceeds, up or down, before its function; infinite for no bound
  /// @param batchFirst whether the batch is the first axis (`layout` 1)
  record Form(
      Direction direction,
      int hidden,
      List<Activation> activations,
      float clip,
      boolean batchFirst) {
    /// Copies the list.
    public Form {
      activations = List.copyOf(activations);
      if (hidden < 1) {
        throw new IllegalArgumentException("hidden_size must be positive, but is " + hidden);
      }
      if (!(clip > 0)) {
        throw new IllegalArgumentException("clip must be positive, but is " + clip);
      }
    }

    /// How many directions there are.
    public int directions() {
      return direction == Direction.BIDIRECTIONAL ? 2 : 1;
    }

    /// Whether that direction begins at the end.
    public boolean isReverse(int of) {
      return direction == Direction.REVERSE || of == 1;
    }
  }

  /// What all members have in common.
  Form form();

  /// How many gates there are.
  default int gates() {
    return switch (this) {
      case LSTM _ -> 4;
      case GRU _ -> 3;
      case RNN _ -> 1;
    };
  }

  /// The function of that direction at that place of its own.
  default Activation activation(int direction, int place) {
    return form().activations().get(direction * functions() + place);
  }

  /// How many functions a direction has.
  default int functions() {
    return switch (this) {
      case LSTM _ -> 3;
      case GRU _ -> 2;
      case RNN _ -> 1;
    };
  }

  /// What each member takes and gives.
  static List<Signature> signatures() {
    return List.of(
        recurrence("LSTM").optional("T", "initial_c", "P").out("T", "Y_c"),
        recurrence("GRU"),
        recurrence("RNN"));
  }

  private static Signature recurrence(String name) {
    return Signature.of(name)
        .in("T", "X", "W", "R")
        .optional("T", "B")
        .optional("L", "sequence_lens")
        .optional("T", "initial_h")
        .out("T", "Y")
        .out("T", "Y_h")
        .where("T", F32)
        .where("L", S32);
  }

  @Override
  default Traits traits() {
    Set<Integer> weights = this instanceof LSTM ? Set.of(1, 2, 3, 7) : Set.of(1, 2, 3);
    return new Traits(Values.NEW, Axes.ORDERED, signature().int8(), weights);
  }

  @Override
  default List<ValueInfo> results(Operands in) {
    Form form = form();
    if (form.activations().size() != functions() * form.directions()) {
      throw in.invalid(
          "needs "
              + functions() * form.directions()
              + " activations, but has "
              + form.activations().size());
    }
    Shape x = in.shape(0);
    if (x.rank() != 3) {
      throw in.invalid("needs sequences of 3 axes, but input is " + x);
    }
    Dim steps = x.dim(form.batchFirst() ? 1 : 0);
    Dim batch = x.dim(form.batchFirst() ? 0 : 1);
    requireShapes(in, batch, x.dim(2));
    Dim directions = Dim.of(form.directions());
    Dim hidden = Dim.of(form.hidden());
    Shape y =
        new Shape(
            form.batchFirst()
                ? List.of(batch, steps, directions, hidden)
                : List.of(steps, directions, batch, hidden));
    Shape state = state(batch);
    List<ValueInfo> made = new ArrayList<>(List.of(new ValueInfo("", F32, y)));
    for (int i = 1; i < signature().outputs().size(); i++) {
      made.add(new ValueInfo("", F32, state));
    }
    return made;
  }

  private Shape state(Dim batch) {
    Dim directions = Dim.of(form().directions());
    Dim hidden = Dim.of(form().hidden());
    return new Shape(
        form().batchFirst()
            ? List.of(batch, directions, hidden)
            : List.of(directions, batch, hidden));
  }

  private void requireShapes(Operands in, Dim batch, Dim inputs) {
    Dim directions = Dim.of(form().directions());
    long rows = (long) gates() * form().hidden();
    Dim hidden = Dim.of(form().hidden());
    require(in, 1, new Shape(List.of(directions, Dim.of(rows), inputs)));
    require(in, 2, new Shape(List.of(directions, Dim.of(rows), hidden)));
    require(in, 3, new Shape(List.of(directions, Dim.of(2 * rows))));
    require(in, 4, new Shape(List.of(batch)));
    require(in, 5, state(batch));
    require(in, 6, state(batch));
    require(in, 7, new Shape(List.of(directions, Dim.of(3L * form().hidden()))));
  }

  private void require(Operands in, int index, Shape expected) {
    if (!in.has(index)) {
      return;
    }
    Shape shape = in.shape(index);
    boolean fits = shape.rank() == expected.rank();
    for (int i = 0; fits && i < shape.rank(); i++) {
      fits = shape.dim(i).mayEqual(expected.dim(i));
    }
    if (!fits) {
      String name = signature().input(index).name();
      throw in.invalid(name + " must be " + expected + ", but is " + shape);
    }
  }
}
