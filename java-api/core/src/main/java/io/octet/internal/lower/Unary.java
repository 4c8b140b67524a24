package io.octet.internal.lower;

import io.octet.graph.Node;
import io.octet.graph.op.Unary.Cast;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.RefusalCode;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.pass.QdqNodes;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import java.util.List;

/// Lowers functions of one value, which stay in int8 where input and output are quantized.
final class Unary {
  private final Scope scope;

  Unary(Scope scope) {
    this.scope = scope;
  }

  void lower(Node node, io.octet.graph.op.Unary op, Draft draft) {
    if (op instanceof Cast) { // to the type that the value has
      draft.view(node, isTruth(node) ? bytes(node, draft) : draft.values.original(node.input(0)));
      return;
    }
    Reason reason = int8(node, op, draft);
    if (reason != null) {
      Repr x = draft.values.f32(node.input(0), scope.layout(node, draft.values));
      TensorDesc y = TensorDesc.f32(x.desc().layout(), x.desc().shape());
      draft.emit(node, new KernelSpec.Unary(op, x.desc(), y), List.of(x), reason);
    }
  }

  /// Whether `node` makes floats of truths for somebody who quantizes them: a one-hot, often, that
  /// is multiplied in int8.
  boolean isTruth(Node node) {
    Node reader = scope.graph().soleReader(node.output());
    return !scope.isLiteral()
        && node.op() instanceof Cast
        && scope.info(node.input(0)).type() == DataType.BOOL
        && scope.info(node.output()).type() == DataType.F32
        && QdqNodes.isQuantize(reader)
        && QdqNodes.perTensor(scope.graph(), reader) != null;
  }

  /// Truths are 0 and 1: bytes that are the numbers they stand for.
  private static Repr bytes(Node node, Draft draft) {
    Repr truths = draft.values.rowMajor(node.input(0));
    QuantParams itself = QuantParams.perTensor(DataType.U8, 1, 0);
    return new Repr(
        truths.buffer(), TensorDesc.quantized(Layout.ROW_MAJOR, truths.desc().shape(), itself));
  }

  /// Lowers in int8 and returns null, or returns the reason why that cannot be.
  private Reason int8(Node node, io.octet.graph.op.Unary op, Draft draft) {
    boolean able = !scope.isLiteral() && op.traits().int8();
    Repr q = able ? draft.values.int8(node.input(0)) : null;
    if (q == null) {
      return Reason.NOT_QUANTIZED;
    }
    Tail tail = Tail.behind(scope.graph(), node, Tail.Wish.QUANTIZE);
    if (tail.quant() == null) {
      return new Reason(RefusalCode.MISSING_RANGE, "its input is quantized, its output is not");
    }
    try (Draft attempt = draft.draft()) {
      TensorDesc x = q.desc();
      TensorDesc y = TensorDesc.quantized(x.layout(), x.shape(), tail.quant());
      KernelSpec spec = new KernelSpec.Unary(op, x, y);
      Reason refused = attempt.refusal(spec);
      if (refused != null) {
        return refused;
      }
      Repr made = attempt.serve(node, spec, List.of(q), tail, Reason.NONE);
      // An elementwise result of a permuted flattening is permuted too.
      attempt.values.put(tail.output(), new Repr(made.buffer(), made.desc(), q.image()));
      attempt.commit();
      return null;
    }
  }
}
