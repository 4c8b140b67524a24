package io.octet.internal.lower;

import io.octet.graph.Node;
import io.octet.graph.op.Resampling.Resize;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.pass.Constants;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// Lowers what gives images another size: bytes where pixels are picked, or their means are
/// quantized again, else floats. One whose scales or sizes a run makes is literal.
final class Resampling {
  private final Scope scope;
  private final Literal literals;

  Resampling(Scope scope, Literal literals) {
    this.scope = scope;
    this.literals = literals;
  }

  void lower(Node node, io.octet.graph.op.Resampling op, Draft draft) {
    boolean known = isKnown(node, 1) && isKnown(node, 2) && isKnown(node, 3);
    if (!known) {
      literals.lower(node, draft);
      return;
    }
    Reason reason =
        new Requantized(scope, layout(node), "its input is quantized, its output is not")
            .lower(node, (x, result) -> spec(node, op, x, result), draft);
    if (reason != null) {
      Repr x = draft.values.f32(node.input(0), layout(node));
      draft.emit(node, spec(node, op, x.desc(), null), List.of(x), reason);
    }
  }

  private Layout layout(Node node) {
    boolean image = scope.shape(node.input(0)).rank() >= 3 && !scope.isLiteral();
    return image ? Layout.CHANNELS_LAST : Layout.ROW_MAJOR;
  }

  private boolean isKnown(Node node, int index) {
    return !node.hasInput(index) || known(node, index) != null;
  }

  private Tensor known(Node node, int index) {
    if (!node.hasInput(index)) {
      return null;
    }
    Tensor stored = Constants.stored(scope.graph(), node.input(index));
    return stored != null ? stored : scope.info(node.input(index)).constant().orElse(null);
  }

  /// @param quant how the result is quantized; null for float
  private KernelSpec spec(
      Node node, io.octet.graph.op.Resampling op, TensorDesc x, QuantParams quant) {
    Shape to = scope.shape(node.output());
    TensorDesc y = quant == null ? x.sized(to) : TensorDesc.quantized(x.layout(), to, quant);
    return switch (op) {
      case Resize resize ->
          new KernelSpec.Resample(
              op,
              x,
              y,
              list(resize.scales(x.shape(), to, known(node, 2), known(node, 3))),
              list(resize.region(to.rank(), known(node, 1))));
    };
  }

  private static List<Float> list(float[] values) {
    List<Float> list = new ArrayList<>();
    for (float value : values) {
      list.add(value);
    }
    return list;
  }
}
