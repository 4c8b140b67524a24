package io.octet.internal.lower;

import io.octet.graph.Node;
import io.octet.graph.op.Pooling.AveragePool;
import io.octet.graph.op.Pooling.GlobalAveragePool;
import io.octet.graph.op.Pooling.MaxPool;
import io.octet.graph.op.Window;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.KernelSpec.PoolKind;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.RefusalCode;
import io.octet.internal.kernel.TensorDesc;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import java.util.List;

/// Lowers pooling: on integers where that gives what float pooling between DQ and Q would, else on
/// floats.
final class Pooling {
  private final Scope scope;

  Pooling(Scope scope) {
    this.scope = scope;
  }

  void lower(Node node, io.octet.graph.op.Pooling op, Draft draft) {
    Reason reason = int8(node, op, draft);
    if (reason != null) {
      Repr x = draft.values.f32(node.input(0), Layout.CHANNELS_LAST);
      draft.emit(node, spec(node, op, x.desc(), null), List.of(x), reason);
    }
  }

  /// Lowers in int8 and returns null, or returns the reason why that cannot be.
  private Reason int8(Node node, io.octet.graph.op.Pooling op, Draft draft) {
    Repr source = scope.isLiteral() ? null : draft.values.int8(node.input(0));
    if (source == null) {
      return Reason.NOT_QUANTIZED;
    }
    QuantParams quant = source.desc().quant();
    Tail tail = Tail.behind(scope.graph(), node, Tail.Wish.QUANTIZE);
    QuantParams result = tail.quant();
    if (op instanceof MaxPool && !quant.equals(result)) {
      // The largest integer is the largest real: the output may stay as it is, whoever reads it.
      tail = Tail.nothing(node);
      result = quant;
    }
    if (result == null) {
      return new Reason(
          RefusalCode.MISSING_RANGE,
          "a mean stays in int8 where its output is quantized, but here it is float");
    }
    try (Draft attempt = draft.draft()) {
      Repr x = attempt.values.int8(node.input(0), Layout.CHANNELS_LAST);
      KernelSpec spec = spec(node, op, x.desc(), result);
      Reason refused = attempt.refusal(spec);
      if (refused != null) {
        return refused;
      }
      attempt.emit(node, spec, List.of(x), tail, Reason.NONE);
      attempt.commit();
      return null;
    }
  }

  /// @param quant how the result is quantized; null for float
  private KernelSpec spec(
      Node node, io.octet.graph.op.Pooling op, TensorDesc x, QuantParams quant) {
    Shape shape = scope.shape(node.output());
    TensorDesc y = quant == null ? x.sized(shape) : TensorDesc.quantized(x.layout(), shape, quant);
    long height = x.shape().size(2);
    long width = x.shape().size(3);
    return switch (op) {
      case MaxPool p -> new KernelSpec.Pool(x, y, p.window().resolve(height, width), PoolKind.MAX);
      case AveragePool p -> {
        PoolKind kind = p.countIncludePad() ? PoolKind.AVERAGE_INCLUDE_PAD : PoolKind.AVERAGE;
        yield new KernelSpec.Pool(x, y, p.window().resolve(height, width), kind);
      }
      case GlobalAveragePool _ -> {
        Window whole = Window.of(Math.toIntExact(height), Math.toIntExact(width));
        yield new KernelSpec.Pool(x, y, whole, PoolKind.AVERAGE);
      }
    };
  }
}
