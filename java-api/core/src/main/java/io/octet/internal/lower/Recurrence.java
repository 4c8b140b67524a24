package io.octet.internal.lower;

import io.octet.graph.Node;
import io.octet.graph.op.Recurrence.Form;
import io.octet.graph.op.Recurrence.GRU;
import io.octet.internal.kernel.Constant;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.PostOps;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.kernel.Weights;
import io.octet.internal.pass.Constants;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// Lowers what walks along a sequence: the products of all steps' inputs are one linear layer, and
/// only what hangs on the state is done step by step. Weights that a run computes are left to the
/// definition.
final class Recurrence {
  private static final int X = 0;
  private static final int W = 1;
  private static final int R = 2;
  private static final int B = 3;

  /// What a weight is called in another form.
  private record Floats(String weights) {}

  private final Scope scope;
  private final Literal literals;

  Recurrence(Scope scope, Literal literals) {
    this.scope = scope;
    this.literals = literals;
  }

  void lower(Node node, io.octet.graph.op.Recurrence op, Draft draft) {
    boolean known =
        isShared(node, W) && isShared(node, R) && (!node.hasInput(B) || isShared(node, B));
    if (scope.isLiteral() || !known) {
      literals.lower(node, draft);
      return;
    }
    Repr gates = gates(node, op, draft);
    List<Repr> from = new ArrayList<>(List.of(gates));
    List<TensorDesc> operands = new ArrayList<>();
    for (int i = B + 1; i < 8; i++) {
      Repr operand = node.hasInput(i) ? operand(node.input(i), draft.values) : null;
      operands.add(operand == null ? null : operand.desc());
      from.add(operand);
    }
    from.removeIf(Objects::isNull);
    List<TensorDesc> outputs = new ArrayList<>();
    for (String output : node.outputs()) {
      outputs.add(TensorDesc.f32(Layout.ROW_MAJOR, scope.shape(output)));
    }
    KernelSpec spec =
        new KernelSpec.Recurrence(op, gates.desc(), recurrent(node, op), operands, outputs);
    Explanation.Row row =
        draft.explanation().of(node, spec, Tail.nothing(node), Reason.NOT_QUANTIZED);
    List<Repr> made = draft.step(node.name(), spec, from, row);
    for (int i = 0; i < made.size(); i++) {
      draft.values.put(node.outputs().get(i), made.get(i));
    }
  }

  private boolean isShared(Node node, int input) {
    return Constants.isKnown(scope.model(), node.input(input));
  }

  private Repr operand(String value, Values values) {
    return scope.info(value).type() == DataType.F32
        ? values.f32(value, Layout.ROW_MAJOR)
        : values.rowMajor(value);
  }

  /// The products of the inputs of all steps, biases added.
  private Repr gates(Node node, io.octet.graph.op.Recurrence op, Draft draft) {
    Repr x = draft.values.f32(node.input(X), Layout.ROW_MAJOR);
    Shape sequence = x.desc().shape();
    long inputs = sequence.size(2);
    long rows = (long) op.form().directions() * op.gates() * op.form().hidden();
    long steps = sequence.size(0) * sequence.size(1);
    Weights weights =
        new Weights(matrix(node.input(W), rows, inputs), new float[0], bias(node, op));
    TensorDesc y = TensorDesc.f32(Layout.ROW_MAJOR, Shape.of(steps, rows));
    KernelSpec spec =
        new KernelSpec.Linear(x.desc().sized(Shape.of(steps, inputs)), y, weights, PostOps.NONE);
    Repr made = draft.step(node.name(), spec, List.of(x), null).getFirst();
    Shape shape = Shape.of(sequence.size(0), sequence.size(1), rows);
    return new Repr(made.buffer(), y.sized(shape));
  }

  private Weights recurrent(Node node, io.octet.graph.op.Recurrence op) {
    Form form = op.form();
    long rows = (long) form.directions() * op.gates() * form.hidden();
    Constant values = matrix(node.input(R), rows, form.hidden());
    return new Weights(values, new float[0], biasOfReset(node, op));
  }

  private Constant matrix(String value, long rows, long columns) {
    Tensor stored = Constants.stored(scope.model(), value);
    Constant constant = scope.constants().of(value, stored);
    Shape shape = Shape.of(rows, columns);
    return scope.model().constant(value) != null
        ? constant.reshaped(shape)
        : constant.form(
            new Floats(value),
            DataType.F32,
            shape,
            _ -> Constants.floats(scope.model(), value).reshape(shape));
  }

  /// What is added to the products of the inputs: both biases, but for one that is reset.
  private float[] bias(Node node, io.octet.graph.op.Recurrence op) {
    if (!node.hasInput(B)) {
      return new float[0];
    }
    float[] given = Constants.floats(scope.model(), node.input(B)).toFloats();
    int rows = op.gates() * op.form().hidden();
    float[] bias = new float[given.length / 2];
    for (int i = 0; i < bias.length; i++) {
      int first = i / rows * 2 * rows + i % rows;
      boolean later = resets(op) && i % rows >= 2 * op.form().hidden();
      bias[i] = later ? given[first] : given[first] + given[first + rows];
    }
    return bias;
  }

  /// The bias of the state's product that a reset gate multiplies with it.
  private float[] biasOfReset(Node node, io.octet.graph.op.Recurrence op) {
    if (!node.hasInput(B) || !resets(op)) {
      return new float[0];
    }
    float[] given = Constants.floats(scope.model(), node.input(B)).toFloats();
    int rows = op.gates() * op.form().hidden();
    float[] bias = new float[given.length / 2];
    for (int i = 0; i < bias.length; i++) {
      boolean later = i % rows >= 2 * op.form().hidden();
      bias[i] = later ? given[i / rows * 2 * rows + i % rows + rows] : 0;
    }
    return bias;
  }

  private static boolean resets(io.octet.graph.op.Recurrence op) {
    return op instanceof GRU(Form _, boolean after) && after;
  }
}
