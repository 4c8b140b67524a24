package io.octet.internal.lower;

import io.octet.graph.Node;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.PostOps;
import io.octet.internal.kernel.RefusalCode;
import io.octet.internal.kernel.TensorDesc;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import java.util.List;

/// Lowers functions of two values, which stay in int8 where both inputs and the output are
/// quantized.
final class Binary {
  private final Scope scope;

  Binary(Scope scope) {
    this.scope = scope;
  }

  void lower(Node node, io.octet.graph.op.Binary op, Draft draft) {
    Reason reason = int8(node, op, draft);
    if (reason != null) {
      Layout layout = scope.layout(node, draft.values);
      Shape shape = scope.shape(node.output());
      Repr a = operand(node.input(0), layout, shape, null, draft.values);
      Repr b = operand(node.input(1), layout, shape, null, draft.values);
      Tail tail =
          scope.isLiteral()
              ? Tail.nothing(node)
              : Tail.behind(scope.graph(), node, Tail.Wish.CLAMP);
      PostOps post = new PostOps(null, tail.min(), tail.max());
      TensorDesc y = TensorDesc.f32(layout, shape);
      KernelSpec spec = new KernelSpec.Binary(op, a.desc(), b.desc(), y, post);
      draft.emit(node, spec, List.of(a, b), tail, reason);
    }
  }

  /// Lowers in int8 and returns null, or returns the reason why that cannot be.
  private Reason int8(Node node, io.octet.graph.op.Binary op, Draft draft) {
    if (scope.isLiteral() || !op.traits().int8()) {
      return Reason.NOT_QUANTIZED;
    }
    Repr a = draft.values.int8(node.input(0));
    Repr b = draft.values.int8(node.input(1));
    Tail tail = Tail.behind(scope.graph(), node, Tail.Wish.CLAMP_QUANTIZE);
    if (a == null || b == null || tail.quant() == null) {
      boolean partly = a != null || b != null;
      return partly
          ? new Reason(RefusalCode.MISSING_RANGE, "not all of its inputs and output are quantized")
          : Reason.NOT_QUANTIZED;
    }
    try (Draft attempt = draft.draft()) {
      Layout layout = scope.layout(node, attempt.values);
      Shape shape = scope.shape(node.output());
      Repr x = operand(node.input(0), layout, shape, a.desc().quant(), attempt.values);
      Repr z = operand(node.input(1), layout, shape, b.desc().quant(), attempt.values);
      PostOps post = new PostOps(null, tail.min(), tail.max());
      TensorDesc y = TensorDesc.quantized(layout, shape, tail.quant());
      KernelSpec spec = new KernelSpec.Binary(op, x.desc(), z.desc(), y, post);
      Reason refused = attempt.refusal(spec);
      if (refused != null) {
        return refused;
      }
      attempt.emit(node, spec, List.of(x, z), tail, Reason.NONE);
      attempt.commit();
      return null;
    }
  }

  /// An operand in `layout`; a constant of lower rank gets leading axes of size 1 where that layout
  /// needs the result's.
  private static Repr operand(
      String value, Layout layout, Shape result, QuantParams quant, Values values) {
    Repr original = values.original(value);
    return layout == Layout.ROW_MAJOR || original.desc().shape().rank() == result.rank()
        ? values.in(value, layout, quant, false)
        : values.widened(value, layout, result.rank(), quant);
  }
}
