package io.octet.internal.reference;

import io.octet.graph.op.Recurrence.Activation;
import io.octet.graph.op.Recurrence.Form;
import io.octet.graph.op.Recurrence.GRU;
import io.octet.graph.op.Recurrence.LSTM;
import io.octet.graph.op.Recurrence.RNN;
import io.octet.tensor.Tensor;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/// What walks along a sequence with a state. The state is kept in double from step to step.
public final class Recurrence {
  /// What does not hang on the state: the products of the inputs with their weights, biases added.
  @FunctionalInterface
  public interface Gates {
    /// That of one row of a direction's weights.
    double at(long step, long batch, int direction, int row);
  }

  /// What the steps read besides.
  ///
  /// @param recurrent the weights [D,G*H,H]
  /// @param bias of the product with the state, [D,G*H]: where it is reset after it; or null
  /// @param lengths null where all sequences have all steps
  /// @param hidden the first state, null for 0
  /// @param cell the first cell state, null for 0
  /// @param peepholes null where there are none
  public record Operands(
      Tensor recurrent,
      double[] bias,
      Tensor lengths,
      Tensor hidden,
      Tensor cell,
      Tensor peepholes) {}

  private final io.octet.graph.op.Recurrence op;
  private final Form form;
  private final int size;
  private final long steps;
  private final long batch;
  private final Gates gates;
  private final Operands in;
  private final Cells recurrent;
  private final List<Tensor> out;

  private Recurrence(io.octet.graph.op.Recurrence op, Gates gates, Operands in, List<Tensor> out) {
    this.op = op;
    this.form = op.form();
    this.size = form.hidden();
    this.gates = gates;
    this.in = in;
    this.recurrent = new Cells(in.recurrent());
    this.out = out;
    this.steps = out.getFirst().shape().size(form.batchFirst() ? 1 : 0);
    this.batch = out.getFirst().shape().size(form.batchFirst() ? 0 : 2);
  }

  static void evaluate(io.octet.graph.op.Recurrence op, List<Tensor> in, List<Tensor> out) {
    Cells x = new Cells(in.get(0));
    Cells w = new Cells(in.get(1));
    Cells b = in.size() > 3 && in.get(3) != null ? new Cells(in.get(3)) : null;
    Form form = op.form();
    int rows = op.gates() * form.hidden();
    boolean apart = op instanceof GRU(Form _, boolean after) && after;
    long inputs = in.get(0).shape().size(2);
    long steps = in.get(0).shape().size(form.batchFirst() ? 1 : 0);
    long batch = in.get(0).shape().size(form.batchFirst() ? 0 : 1);
    Gates gates =
        (step, sequence, d, row) -> {
          long at = form.batchFirst() ? sequence * steps + step : step * batch + sequence;
          long weights = (long) d * rows + row;
          double sum = 0;
          for (long i = 0; i < inputs; i++) {
            sum += x.real(at * inputs + i) * w.real(weights * inputs + i);
          }
          if (b == null) {
            return sum;
          }
          long first = 2L * d * rows + row;
          boolean later = apart && row >= 2 * form.hidden();
          return sum + b.real(first) + (later ? 0 : b.real(first + rows));
        };
    double[] bias = new double[apart && b != null ? form.directions() * rows : 0];
    for (int d = 0; d < form.directions() && bias.length > 0; d++) {
      for (int row = 2 * form.hidden(); row < rows; row++) {
        bias[d * rows + row] = b.real((2L * d + 1) * rows + row);
      }
    }
    Operands operands =
        new Operands(
            in.get(2),
            bias.length == 0 ? null : bias,
            Reference.input(in, 4),
            Reference.input(in, 5),
            Reference.input(in, 6),
            Reference.input(in, 7));
    run(op, gates, operands, out);
  }

  /// Takes all steps.
  ///
  /// @param out Y, and as many of the last states as are wanted
  /// @throws IllegalArgumentException where a length is not within the steps
  public static void run(
      io.octet.graph.op.Recurrence op, Gates gates, Operands in, List<Tensor> out) {
    Recurrence walk = new Recurrence(op, gates, in, out);
    for (int d = 0; d < walk.form.directions(); d++) {
      for (long b = 0; b < walk.batch; b++) {
        walk.sequence(d, b);
      }
    }
  }

  /// How many steps a sequence has.
  ///
  /// @throws IllegalArgumentException where that is more than there are, or less than none
  public static long length(long given, long steps) {
    if (given < 0 || given > steps) {
      throw new IllegalArgumentException(
          "a sequence's length is " + given + ", but there are " + steps + " steps");
    }
    return given;
  }

  private void sequence(int d, long b) {
    long length = in.lengths() == null ? steps : length(in.lengths().getInteger(b), steps);
    double[] h = state(in.hidden(), d, b);
    double[] c = state(in.cell(), d, b);
    for (long s = 0; s < steps; s++) {
      boolean reverse = form.isReverse(d);
      long step = s >= length || !reverse ? s : length - 1 - s;
      if (s < length) {
        switch (op) {
          case LSTM(Form _, boolean inputForget) -> lstm(inputForget, step, b, d, h, c);
          case GRU(Form _, boolean after) -> gru(after, step, b, d, h);
          case RNN _ -> rnn(step, b, d, h);
        }
      }
      put(out.getFirst(), outputAt(step, b, d), s < length ? h : new double[size]);
    }
    if (out.size() > 1) {
      put(out.get(1), stateAt(d, b), h);
    }
    if (out.size() > 2) {
      put(out.get(2), stateAt(d, b), c);
    }
  }

  private void lstm(boolean inputForget, long step, long b, int d, double[] h, double[] c) {
    double[] gate = products(step, b, d, h);
    DoubleUnaryOperator f = function(op.activation(d, 0));
    DoubleUnaryOperator g = function(op.activation(d, 1));
    for (int j = 0; j < size; j++) {
      double input = f.applyAsDouble(clipped(gate[j] + peephole(d, 0, j, c[j])));
      double forget =
          inputForget
              ? 1 - input
              : f.applyAsDouble(clipped(gate[2 * size + j] + peephole(d, 2, j, c[j])));
      c[j] = forget * c[j] + input * g.applyAsDouble(clipped(gate[3 * size + j]));
      double output = f.applyAsDouble(clipped(gate[size + j] + peephole(d, 1, j, c[j])));
      // Gates are clipped, not the cell: what ONNX leaves open, ONNX Runtime does so.
      h[j] = output * function(op.activation(d, 2)).applyAsDouble(c[j]);
    }
  }

  private double peephole(int d, int gate, int j, double cell) {
    Tensor p = in.peepholes();
    return p == null ? 0 : p.getReal((3L * d + gate) * size + j) * cell;
  }

  private void gru(boolean after, long step, long b, int d, double[] h) {
    DoubleUnaryOperator f = function(op.activation(d, 0));
    DoubleUnaryOperator g = function(op.activation(d, 1));
    double[] z = new double[size];
    double[] r = new double[size];
    double[] reset = new double[size];
    for (int j = 0; j < size; j++) {
      z[j] = f.applyAsDouble(clipped(gates.at(step, b, d, j) + product(d, j, h)));
      r[j] = f.applyAsDouble(clipped(gates.at(step, b, d, size + j) + product(d, size + j, h)));
      reset[j] = r[j] * h[j];
    }
    double[] next = new double[size];
    for (int j = 0; j < size; j++) {
      int row = 2 * size + j;
      double product = after ? r[j] * product(d, row, h) : product(d, row, reset);
      next[j] = g.applyAsDouble(clipped(gates.at(step, b, d, row) + product));
    }
    for (int j = 0; j < size; j++) {
      h[j] = (1 - z[j]) * next[j] + z[j] * h[j];
    }
  }

  private void rnn(long step, long b, int d, double[] h) {
    double[] gate = products(step, b, d, h);
    for (int j = 0; j < size; j++) {
      h[j] = function(op.activation(d, 0)).applyAsDouble(clipped(gate[j]));
    }
  }

  private double[] products(long step, long b, int d, double[] h) {
    double[] gate = new double[op.gates() * size];
    for (int row = 0; row < gate.length; row++) {
      gate[row] = gates.at(step, b, d, row) + product(d, row, h);
    }
    return gate;
  }

  private double product(int d, int row, double[] h) {
    int at = d * op.gates() * size + row;
    double sum = in.bias() == null ? 0 : in.bias()[at];
    for (int k = 0; k < size; k++) {
      sum += recurrent.real((long) at * size + k) * h[k];
    }
    return sum;
  }

  private double clipped(double x) {
    return Math.max(-form.clip(), Math.min(form.clip(), x));
  }

  private long outputAt(long step, long b, int d) {
    return form.batchFirst()
        ? ((b * steps + step) * form.directions() + d) * size
        : ((step * form.directions() + d) * batch + b) * size;
  }

  private long stateAt(int d, long b) {
    return (form.batchFirst() ? b * form.directions() + d : d * batch + b) * size;
  }

  private double[] state(Tensor first, int d, long b) {
    double[] state = new double[size];
    for (int j = 0; j < size && first != null; j++) {
      state[j] = first.getReal(stateAt(d, b) + j);
    }
    return state;
  }

  private static void put(Tensor to, long at, double[] values) {
    for (int j = 0; j < values.length; j++) {
      to.setReal(at + j, values[j]);
    }
  }

  /// What an activation computes.
  public static DoubleUnaryOperator function(Activation activation) {
    double alpha = activation.alpha();
    double beta = activation.beta();
    return switch (activation.curve()) {
      case RELU -> x -> Math.max(x, 0);
      case TANH -> Math::tanh;
      case SIGMOID -> x -> 1 / (1 + Math.exp(-x));
      case AFFINE -> x -> alpha * x + beta;
      case LEAKY_RELU -> x -> x >= 0 ? x : alpha * x;
      case THRESHOLDED_RELU -> x -> x > alpha ? x : 0;
      case SCALED_TANH -> x -> alpha * Math.tanh(beta * x);
      case HARD_SIGMOID -> x -> Math.max(0, Math.min(1, alpha * x + beta));
      case ELU -> x -> x >= 0 ? x : alpha * Math.expm1(x);
      case SOFTSIGN -> x -> x / (1 + Math.abs(x));
      case SOFTPLUS -> x -> Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
    };
  }
}
