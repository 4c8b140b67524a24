package io.octet.internal.lower;

import io.octet.graph.Node;
import io.octet.graph.op.Movement;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.RefusalCode;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.lower.PlanBuilder.Reason;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// Lowers operators that only move values: to views where the bytes already lie right, else to
/// copies in the type that the values have.
final class MovementLowering {
  private final PlanBuilder plan;
  private final Lowering lowering;
  private final Values values;

  MovementLowering(PlanBuilder plan, Lowering lowering) {
    this.plan = plan;
    this.lowering = lowering;
    this.values = plan.values;
  }

  void view(Node node) {
    Repr x = values.original(node.input(0));
    values.put(node.output(), x);
    plan.reportView(node, x.desc());
  }

  void reshape(Node node) {
    Repr x = values.original(node.input(0));
    Shape from = x.desc().shape();
    Shape to = plan.shape(node.output());
    boolean flattens =
        to.rank() == 2 && from.rank() == 4 && to.size(0) == from.size(0) && !plan.options.literal();
    Repr made;
    if (x.liesIn(Layout.ROW_MAJOR)) {
      made = new Repr(x.buffer(), reshaped(x.desc(), to));
    } else if (x.image() == null && flattens) {
      Shape image = Shape.of(from.size(1), from.size(2), from.size(3));
      made = new Repr(x.buffer(), reshaped(x.desc(), to), image);
    } else if (x.image() != null && to.equals(from)) {
      made = x;
    } else {
      Repr rows = values.rowMajor(node.input(0));
      made = new Repr(rows.buffer(), reshaped(rows.desc(), to));
    }
    values.put(node.output(), made);
    plan.reportView(node, made.desc());
  }

  private static TensorDesc reshaped(TensorDesc a, Shape to) {
    return a.in(Layout.ROW_MAJOR).sized(to);
  }

  void transpose(Node node, Movement.Transpose op) {
    Repr x = values.rowMajor(node.input(0));
    TensorDesc from = x.desc();
    List<Integer> perm = op.perm();
    if (perm.isEmpty()) {
      List<Integer> reversed = new ArrayList<>();
      for (int i = from.shape().rank() - 1; i >= 0; i--) {
        reversed.add(i);
      }
      perm = reversed;
    }
    TensorDesc to = reshaped(from, plan.shape(node.output()));
    lowering.emit(
        node,
        new KernelSpec.Transpose(from, to, perm),
        List.of(x.buffer()),
        Tail.behind(plan.graph, node, Tail.Wish.NOTHING),
        Reason.NOT_QUANTIZED);
  }

  void concat(Node node, Movement.Concat op) {
    Tail tail =
        Tail.behind(
            plan.graph, node, plan.options.literal() ? Tail.Wish.NOTHING : Tail.Wish.QUANTIZE);
    QuantParams quant = tail.quant() != null ? tail.quant() : commonParams(node);
    Shape shape = plan.shape(node.output());
    boolean image =
        shape.rank() == 4 && values.original(node.input(0)).desc().layout() == Layout.CHANNELS_LAST;
    Layout layout = image ? Layout.CHANNELS_LAST : Layout.ROW_MAJOR;
    List<TensorDesc> xs = new ArrayList<>();
    List<Integer> inputs = new ArrayList<>();
    for (String input : node.inputs()) {
      Repr x = values.in(input, layout, quant, false);
      xs.add(x.desc());
      inputs.add(x.buffer());
    }
    DataType type = quant != null ? quant.type() : xs.getFirst().type();
    TensorDesc y = new TensorDesc(type, layout, shape, quant);
    int axis = op.axis() < 0 ? op.axis() + shape.rank() : op.axis();
    boolean quantized =
        !plan.options.literal()
            && node.inputs().stream().allMatch(input -> values.int8(input) != null);
    Reason reason =
        quantized
            ? new Reason(
                RefusalCode.MISSING_RANGE, "its inputs share no scale, and its output has none")
            : Reason.NOT_QUANTIZED;
    lowering.emit(node, new KernelSpec.Concat(xs, y, axis), inputs, tail, reason);
  }

  /// The parameters of all inputs, if they are int8 with the same ones.
  private QuantParams commonParams(Node node) {
    QuantParams common = null;
    for (String input : node.inputs()) {
      Repr x = plan.options.literal() ? null : values.int8(input);
      if (x == null || common != null && !common.equals(x.desc().quant())) {
        return null;
      }
      common = x.desc().quant();
    }
    return common;
  }
}
