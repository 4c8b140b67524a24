package io.octet.internal.lower;

import io.octet.graph.Node;
import io.octet.graph.op.Traits;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.RefusalCode;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.reference.Reference;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// Lowers what makes integers of one value's integers: pools, and images of another size.
///
/// @param scope the graph
/// @param layout in which the integers are read
/// @param floatResult why it cannot be where the result stays float, for the report
record Requantized(Scope scope, Layout layout, String floatResult) {
  /// The kernel's spec for integers `x` and a result that is quantized as `result` says.
  interface Form {
    KernelSpec of(TensorDesc x, QuantParams result);
  }

  /// Lowers `node` in int8 and returns null, or returns the reason why that cannot be.
  Reason lower(Node node, Form form, Draft draft) {
    Repr source = scope.isLiteral() ? null : draft.values.int8(node.input(0));
    if (source == null) {
      return Reason.NOT_QUANTIZED;
    }
    QuantParams quant = source.desc().quant();
    Tail tail = Tail.behind(scope.graph(), node, Tail.Wish.QUANTIZE);
    QuantParams result = tail.quant();
    if (node.op().traits().values() == Traits.Values.PICKED && !quant.equals(result)) {
      // What is picked, a largest value too, is the same among the integers: they may stay as they
      // are, whoever reads them.
      tail = Tail.nothing(node);
      result = quant;
    }
    if (result == null && Layout.agreeOn(scope.shape(node.output()))) {
      tail = behindViews(node);
      result = tail.quant();
    }
    if (result == null) {
      return new Reason(RefusalCode.MISSING_RANGE, floatResult);
    }
    try (Draft attempt = draft.draft()) {
      Repr x = attempt.values.int8(node.input(0), layout);
      KernelSpec spec = form.of(x.desc(), result);
      Reason refused = attempt.refusal(spec);
      if (refused != null) {
        return refused;
      }
      emit(node, spec, x, tail, Reason.NONE, attempt);
      attempt.commit();
      return null;
    }
  }

  /// A QuantizeLinear behind what gives single pixels another shape, as exporters flatten means: no
  /// byte moves between.
  private Tail behindViews(Node node) {
    List<Node> views = new ArrayList<>();
    String value = node.output();
    Node next = scope.graph().soleReader(value);
    while (next != null && isView(next) && next.input(0).equals(value)) {
      views.add(next);
      value = next.output();
      next = scope.graph().soleReader(value);
    }
    if (views.isEmpty()) {
      return Tail.nothing(node);
    }
    Tail tail = Tail.behind(scope.graph(), views.getLast(), Tail.Wish.QUANTIZE);
    for (Node view : views.reversed()) {
      tail = tail.behindFused(view);
    }
    return tail;
  }

  private static boolean isView(Node node) {
    return Reference.isView(node.op()) && node.outputs().size() == 1;
  }

  /// A step whose kernel may know the result under another number of axes.
  void emit(Node node, KernelSpec spec, Repr x, Tail tail, Reason reason, Draft draft) {
    Repr y = draft.serve(node, spec, List.of(x), tail, reason);
    Shape shape = scope.shape(tail.output());
    TensorDesc logical =
        shape.equals(scope.shape(node.output()))
            ? spec.y().sized(shape)
            : TensorDesc.quantized(Layout.ROW_MAJOR, shape, tail.quant());
    draft.values.put(tail.output(), new Repr(y.buffer(), logical));
  }
}
