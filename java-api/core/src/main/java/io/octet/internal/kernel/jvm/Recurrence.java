package io.octet.internal.kernel.jvm;

import io.octet.graph.op.Recurrence.Activation;
import io.octet.graph.op.Recurrence.Form;
import io.octet.graph.op.Recurrence.GRU;
import io.octet.graph.op.Recurrence.LSTM;
import io.octet.graph.op.Recurrence.RNN;
import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Offer;
import io.octet.internal.kernel.TensorDesc;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Iterator;
import java.util.function.DoubleUnaryOperator;

/// The steps of a recurrence, one sequence and direction after the other, so that a sequence's
/// state stays in the first cache. The weights of each gate are a matrix of their own.
final class Recurrence implements Runnable {
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;

  /// A function of many values in place.
  private interface Curve {
    void apply(float[] values, int count);
  }

  private final io.octet.graph.op.Recurrence op;
  private final Form form;
  private final int size;
  private final int steps;
  private final int batch;
  private final Matrix[] weights;
  private final float[] bias;
  private final boolean after;
  private final Curve[] curves;
  private final RealInput gates;
  private final MemorySegment lengths;
  private final RealInput firstHidden;
  private final RealInput firstCell;
  private final RealInput peepholes;
  private final RealOutput y;
  private final RealOutput lastHidden;
  private final RealOutput lastCell;
  private final float[][] gate;
  private final float[] hidden;
  private final float[] cell;
  private final float[] squashed;
  private final float[][] peephole;

  private Recurrence(KernelSpec.Recurrence spec, FloatLayer layer, Buffers buffers) {
    this.op = spec.op();
    this.form = op.form();
    this.size = form.hidden();
    this.weights = layer.groups();
    this.steps = (int) spec.gates().shape().size(form.batchFirst() ? 1 : 0);
    this.batch = (int) spec.gates().shape().size(form.batchFirst() ? 0 : 1);
    this.bias = spec.recurrent().bias();
    this.after = op instanceof GRU(Form _, boolean linear) && linear;
    this.curves = new Curve[form.activations().size()];
    Arrays.setAll(curves, i -> curve(form.activations().get(i)));
    Iterator<MemorySegment> inputs = buffers.inputs().iterator();
    this.gates = RealInput.of(spec.gates(), inputs.next());
    this.lengths = spec.operands().get(0) == null ? null : inputs.next();
    this.firstHidden = input(spec.operands().get(1), inputs);
    this.firstCell = input(spec.operands().get(2), inputs);
    this.peepholes = input(spec.operands().get(3), inputs);
    this.y = output(spec, 0, buffers);
    this.lastHidden = output(spec, 1, buffers);
    this.lastCell = output(spec, 2, buffers);
    this.gate = new float[op.gates()][size];
    this.hidden = new float[Matrix.padded(size)];
    this.cell = new float[size];
    this.squashed = new float[Matrix.padded(size)];
    this.peephole = new float[peepholes == null ? 0 : 3][size];
  }

  static Offer offer(KernelSpec.Recurrence spec) {
    int matrices = spec.op().form().directions() * spec.op().gates();
    return FloatLayer.offer(
        "recurrence-steps",
        spec.recurrent(),
        matrices,
        (layer, b) -> new Recurrence(spec, layer, b));
  }

  private static RealInput input(TensorDesc operand, Iterator<MemorySegment> inputs) {
    return operand == null ? null : RealInput.of(operand, inputs.next());
  }

  private RealOutput output(KernelSpec.Recurrence spec, int index, Buffers buffers) {
    return index < spec.outputs().size()
        ? RealOutput.of(spec.outputs().get(index), buffers.outputs().get(index), size)
        : null;
  }

  @Override
  public void run() {
    for (int d = 0; d < form.directions(); d++) {
      for (int g = 0; g < peephole.length; g++) {
        peepholes.read((3L * d + g) * size, peephole[g], size);
      }
      for (int b = 0; b < batch; b++) {
        sequence(d, b);
      }
    }
  }

  private void sequence(int d, int b) {
    int length = lengths == null ? steps : length(b);
    begin(firstHidden, d, b, hidden);
    begin(firstCell, d, b, cell);
    for (int s = 0; s < length; s++) {
      int step = form.isReverse(d) ? length - 1 - s : s;
      load(step, b, d);
      switch (op) {
        case LSTM(Form _, boolean inputForget) -> lstm(d, inputForget);
        case GRU _ -> gru(d);
        case RNN _ -> rnn(d);
      }
      y.write(hidden, outputAt(step, b, d), size);
    }
    end(d, b);
    Arrays.fill(squashed, 0);
    for (int s = length; s < steps; s++) {
      y.write(squashed, outputAt(s, b, d), size);
    }
  }

  private int length(int b) {
    long given = lengths.getAtIndex(INT, b);
    return (int) io.octet.internal.reference.Recurrence.length(given, steps);
  }

  private void begin(RealInput first, int d, int b, float[] state) {
    Arrays.fill(state, 0);
    if (first != null) {
      first.read(stateAt(d, b), state, size);
    }
  }

  private void end(int d, int b) {
    if (lastHidden != null) {
      lastHidden.write(hidden, stateAt(d, b), size);
    }
    if (lastCell != null) {
      lastCell.write(cell, stateAt(d, b), size);
    }
  }

  private void load(int step, int b, int d) {
    long at = form.batchFirst() ? (long) b * steps + step : (long) step * batch + b;
    for (int g = 0; g < gate.length; g++) {
      long from = ((at * form.directions() + d) * gate.length + g) * size;
      gates.read(from, gate[g], size);
      if (bias.length > 0 && !(after && g == 2)) {
        addBias(gate[g], (d * gate.length + g) * size);
      }
    }
  }

  private long outputAt(int step, int b, int d) {
    return form.batchFirst()
        ? (((long) b * steps + step) * form.directions() + d) * size
        : (((long) step * form.directions() + d) * batch + b) * size;
  }

  private long stateAt(int d, int b) {
    return (form.batchFirst() ? (long) b * form.directions() + d : (long) d * batch + b) * size;
  }

  private Matrix weights(int d, int g) {
    return weights[d * gate.length + g];
  }

  /// A gate's function, behind its bounds.
  private void squash(int d, int place, float[] values) {
    if (form.clip() < Float.POSITIVE_INFINITY) {
      clip(values, form.clip(), size);
    }
    apply(d, place, values);
  }

  private void apply(int d, int place, float[] values) {
    curves[d * op.functions() + place].apply(values, size);
  }

  private void lstm(int d, boolean inputForget) {
    for (int g = 0; g < gate.length; g++) {
      weights(d, g).multiplyAdd(hidden, gate[g]);
    }
    float[] i = gate[0];
    float[] o = gate[1];
    float[] f = gate[2];
    float[] c = gate[3];
    if (peephole.length > 0) {
      addProduct(i, peephole[0], cell);
      addProduct(f, peephole[2], cell);
    }
    squash(d, 0, i);
    if (inputForget) {
      complement(f, i);
    } else {
      squash(d, 0, f);
    }
    squash(d, 1, c);
    remember(cell, f, i, c);
    if (peephole.length > 0) {
      addProduct(o, peephole[1], cell);
    }
    squash(d, 0, o);
    System.arraycopy(cell, 0, squashed, 0, size);
    apply(d, 2, squashed);
    product(hidden, o, squashed, size);
  }

  private void gru(int d) {
    float[] z = gate[0];
    float[] r = gate[1];
    float[] h = gate[2];
    weights(d, 0).multiplyAdd(hidden, z);
    weights(d, 1).multiplyAdd(hidden, r);
    squash(d, 0, z);
    squash(d, 0, r);
    if (after) {
      Arrays.fill(cell, 0);
      if (bias.length > 0) {
        addBias(cell, (d * gate.length + 2) * size);
      }
      weights(d, 2).multiplyAdd(hidden, cell);
      addProduct(h, r, cell);
    } else {
      product(squashed, r, hidden, size);
      weights(d, 2).multiplyAdd(squashed, h);
    }
    squash(d, 1, h);
    blend(hidden, z, h);
  }

  private void rnn(int d) {
    weights(d, 0).multiplyAdd(hidden, gate[0]);
    squash(d, 0, gate[0]);
    System.arraycopy(gate[0], 0, hidden, 0, size);
  }

  private void addBias(float[] y, int from) {
    for (int i = 0; i < y.length; i++) {
      y[i] += bias[from + i];
    }
  }

  private static void addProduct(float[] y, float[] a, float[] b) {
    for (int i = 0; i < y.length; i++) {
      y[i] += a[i] * b[i];
    }
  }

  private static void product(float[] y, float[] a, float[] b, int count) {
    for (int i = 0; i < count; i++) {
      y[i] = a[i] * b[i];
    }
  }

  private static void complement(float[] y, float[] x) {
    for (int i = 0; i < y.length; i++) {
      y[i] = 1 - x[i];
    }
  }

  private static void remember(float[] cell, float[] forget, float[] input, float[] value) {
    for (int i = 0; i < cell.length; i++) {
      cell[i] = forget[i] * cell[i] + input[i] * value[i];
    }
  }

  private static void blend(float[] hidden, float[] update, float[] value) {
    for (int i = 0; i < value.length; i++) {
      hidden[i] = (1 - update[i]) * value[i] + update[i] * hidden[i];
    }
  }

  private static void clip(float[] y, float bound, int count) {
    for (int i = 0; i < count; i++) {
      y[i] = Math.max(-bound, Math.min(bound, y[i]));
    }
  }

  private static Curve curve(Activation activation) {
    return switch (activation.curve()) {
      case TANH -> Curves::tanh;
      case SIGMOID -> Curves::sigmoid;
      case RELU,
          AFFINE,
          LEAKY_RELU,
          THRESHOLDED_RELU,
          SCALED_TANH,
          HARD_SIGMOID,
          ELU,
          SOFTSIGN,
          SOFTPLUS -> {
        DoubleUnaryOperator one = io.octet.internal.reference.Recurrence.function(activation);
        yield (values, count) -> {
          for (int i = 0; i < count; i++) {
            values[i] = (float) one.applyAsDouble(values[i]);
          }
        };
      }
    };
  }
}
