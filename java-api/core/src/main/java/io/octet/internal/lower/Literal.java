package io.octet.internal.lower;

import io.octet.graph.Node;
import io.octet.graph.op.Op;
import io.octet.graph.op.Traits;
import io.octet.graph.op.ValueInfo;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.RefusalCode;
import io.octet.internal.kernel.TensorDesc;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// Lowers operators that have no kernel of their own, and integers that no kernel computes on, to
/// what they are by definition. Such a step reads and writes what the graph says, row-major; where
/// it only picks elements, and all that it picks from is quantized alike, it picks bytes.
final class Literal {
  private final Scope scope;

  Literal(Scope scope) {
    this.scope = scope;
  }

  /// Whether kernels may compute what `node` does: all it reads are floats, or stand for them, and
  /// so is what it makes.
  boolean isReal(Node node, Values values) {
    DataType made = scope.info(node.output()).type();
    return node.inputs().stream()
        .filter(v -> !v.isEmpty())
        .allMatch(v -> scope.info(v).type() == made && isReal(v, values));
  }

  /// Whether a value is of floats, or stands for them.
  boolean isReal(String value, Values values) {
    return scope.info(value).type() == DataType.F32 || values.original(value).desc().isInt8();
  }

  void lower(Node node, Draft draft) {
    lower(node, node.op(), draft);
  }

  /// @param op what the step computes for `node`
  void lower(Node node, Op op, Draft draft) {
    QuantParams quant = picked(node, draft.values);
    List<Repr> operands = new ArrayList<>();
    for (int i = 0; i < node.inputs().size(); i++) {
      boolean bytes = quant != null && node.op().signature().isData(i);
      operands.add(node.hasInput(i) ? operand(node.input(i), bytes, draft.values) : null);
    }
    List<TensorDesc> outputs = outputs(node, quant);
    KernelSpec spec =
        new KernelSpec.Literal(
            op, operands.stream().map(x -> x == null ? null : x.desc()).toList(), outputs);
    List<Repr> from = operands.stream().filter(Objects::nonNull).toList();
    Explanation explanation = draft.explanation();
    Explanation.Row row =
        explanation.of(
            node,
            spec,
            quant != null,
            Tail.nothing(node),
            reason(node, explanation.isQuantized(node)));
    List<Repr> made = draft.step(node.name(), spec, from, row);
    for (int i = 0; i < made.size(); i++) {
      TensorDesc y = made.get(i).desc();
      draft.values.put(
          node.outputs().get(i),
          quant == null || y.type() != quant.type()
              ? made.get(i)
              : new Repr(
                  made.get(i).buffer(), TensorDesc.quantized(Layout.ROW_MAJOR, y.shape(), quant)));
    }
  }

  /// Why a node that no int8 kernel computes runs in float.
  Reason reason(Node node, boolean quantized) {
    if (quantized) {
      return new Reason(RefusalCode.UNSUPPORTED_OP, "no int8 kernel for " + node.op().name());
    }
    DataType made = scope.info(node.output()).type();
    return made == DataType.F32
        ? Reason.NOT_QUANTIZED
        : new Reason(RefusalCode.NOT_QUANTIZED, "the graph makes " + made + " here");
  }

  /// The parameters of the bytes that `node` only picks from; null where it does more, or they have
  /// several.
  private QuantParams picked(Node node, Values values) {
    return node.op().traits().values() == Traits.Values.PICKED && !scope.isLiteral()
        ? values.commonParams(node.data())
        : null;
  }

  /// An input as its type says; a literal step does not know what bytes stand for.
  private Repr operand(String value, boolean bytes, Values values) {
    boolean real = scope.info(value).type() == DataType.F32 && !bytes;
    Repr x = real ? values.f32(value, Layout.ROW_MAJOR) : values.rowMajor(value);
    return new Repr(x.buffer(), TensorDesc.plain(x.desc().type(), x.desc().shape()));
  }

  private List<TensorDesc> outputs(Node node, QuantParams quant) {
    List<TensorDesc> outputs = new ArrayList<>();
    int wanted = node.outputs().size();
    while (node.outputs().get(wanted - 1).isEmpty()) {
      wanted--;
    }
    for (String output : node.outputs().subList(0, wanted)) {
      ValueInfo info = scope.info(output);
      boolean bytes = quant != null && info.type() == DataType.F32;
      outputs.add(TensorDesc.plain(bytes ? quant.type() : info.type(), info.shape()));
    }
    return outputs;
  }
}
