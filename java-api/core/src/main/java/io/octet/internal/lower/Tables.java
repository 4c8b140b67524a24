package io.octet.internal.lower;

import io.octet.graph.Node;
import io.octet.graph.op.Traits;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.pass.Constants;
import io.octet.internal.pass.Curve;
import io.octet.internal.pass.CurveSearch;
import io.octet.internal.pass.Interval;
import io.octet.internal.pass.QdqNodes;
import io.octet.tensor.QuantMath.Affine;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Tensor;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Lowers what several nodes make of one quantized value, up to where it is quantized again, to one
/// table of 256: each entry is what those nodes give, one after the other, so nothing is fused that
/// would round otherwise.
final class Tables {
  private final Scope scope;
  private final Map<String, Curve> byFirst = new HashMap<>();

  Tables(Scope scope) {
    this.scope = scope;
    if (!scope.isLiteral() && scope.graph().nodes().stream().anyMatch(QdqNodes::isQuantize)) {
      CurveSearch.of(scope.graph(), scope.infos(), this::isFree).stream()
          .filter(curve -> QdqNodes.isQuantize(curve.last()) && isWorthIt(curve))
          .forEach(curve -> byFirst.put(curve.nodes().getFirst().name(), curve));
    }
  }

  /// A clamp behind a layer, or behind a sum of two values, belongs to that.
  private boolean isFree(Node node) {
    Node before = scope.graph().producer(node.input(0));
    return Interval.of(node.op()).isEmpty()
        || QdqNodes.isDequantize(before)
        || before != null
            && before.op().traits().axes() == Traits.Axes.ELEMENTWISE
            && before.inputs().stream().filter(v -> !Constants.isKnown(scope.graph(), v)).count()
                == 1;
  }

  /// One function of one value is lowered by its family.
  private static boolean isWorthIt(Curve curve) {
    List<Node> functions = curve.functions();
    return functions.size() > 1 || functions.getFirst().data().size() > 1;
  }

  /// Lowers the function that begins with `node`; false where there is none, or no int8 in it.
  boolean lower(Node node, Draft draft) {
    Curve curve = byFirst.get(node.name());
    if (curve == null
        || curve.nodes().subList(1, curve.nodes().size()).stream().anyMatch(draft::isDone)) {
      return false;
    }
    Repr x = draft.values.has(curve.input()) ? draft.values.int8(curve.input()) : null;
    if (x == null) {
      return false;
    }
    QuantParams quant = QdqNodes.perTensor(scope.graph(), curve.last());
    TensorDesc y = TensorDesc.quantized(x.desc().layout(), x.desc().shape(), quant);
    KernelSpec spec = new KernelSpec.Lookup(x.desc(), y, table(curve, x.desc()));
    Tail tail = Tail.of(curve.nodes().subList(1, curve.nodes().size()), curve.output(), quant);
    Repr made = draft.serve(node, spec, List.of(x), tail, Reason.NONE);
    draft.values.put(curve.output(), new Repr(made.buffer(), made.desc(), x.image()));
    return true;
  }

  private byte[] table(Curve curve, TensorDesc x) {
    float[] reals = Affine.of(x.quant(), 0).reals();
    return curve
        .of(scope.graph(), Tensor.of(reals, reals.length))
        .data()
        .toArray(ValueLayout.JAVA_BYTE);
  }
}
