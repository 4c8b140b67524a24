package io.octet.internal.lower;

import io.octet.graph.Node;
import io.octet.graph.op.Pooling;
import io.octet.graph.op.Window;
import io.octet.internal.kernel.Kernel;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.KernelSpec.PoolKind;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.RefusalCode;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.lower.PlanBuilder.Reason;
import io.octet.internal.select.Registry;
import io.octet.tensor.QuantParams;
import java.util.List;

/// Lowers pooling: on integers where that gives what float pooling between DQ and Q would, else on
/// floats.
final class PoolLowering {
  private final PlanBuilder plan;

  PoolLowering(PlanBuilder plan) {
    this.plan = plan;
  }

  void lower(Node node) {
    Reason reason = lowerInt8(node);
    if (reason == null) {
      return;
    }
    Repr x = plan.values.f32(node.input(0), Layout.CHANNELS_LAST);
    Tail nothing = Tail.behind(plan.graph, node, Tail.Wish.NOTHING);
    KernelSpec spec = spec(node, x.desc());
    put(node, x, spec, plan.demand(node.name(), spec), nothing, reason);
  }

  /// Lowers in int8 and returns null, or returns the reason why that cannot be.
  private Reason lowerInt8(Node node) {
    Repr source = plan.options.literal() ? null : plan.values.int8(node.input(0));
    if (source == null) {
      return Reason.NOT_QUANTIZED;
    }
    QuantParams quant = source.desc().quant();
    Tail tail = Tail.behind(plan.graph, node, Tail.Wish.QUANTIZE);
    if (!quant.equals(tail.quant())) {
      if (!(node.op() instanceof Pooling.MaxPool)) {
        return new Reason(
            tail.quant() == null ? RefusalCode.MISSING_RANGE : RefusalCode.UNSUPPORTED_ATTRIBUTE,
            "a mean stays in int8 where its output has its input's parameters ("
                + quant
                + "), but here it is "
                + (tail.quant() == null ? "float" : tail.quant()));
      }
      // The largest integer is the largest real: the output may stay as it is, whoever reads it.
      tail = Tail.behind(plan.graph, node, Tail.Wish.NOTHING);
    }
    Repr x = plan.values.int8(node.input(0), Layout.CHANNELS_LAST);
    KernelSpec spec = spec(node, x.desc());
    Registry.Selection selection = plan.ask(spec);
    if (selection.kernel() == null) {
      return Reason.of(selection);
    }
    put(node, x, spec, selection.kernel(), tail, Reason.NONE);
    return null;
  }

  private void put(Node node, Repr x, KernelSpec spec, Kernel kernel, Tail tail, Reason reason) {
    Repr y = plan.fresh(spec.y());
    plan.step(node.name(), kernel, List.of(x.buffer()), y.buffer());
    plan.done(tail.fused());
    plan.values.put(tail.output(), y);
    plan.report(node, kernel, spec, tail, reason);
  }

  /// A pool keeps its input's type and encoding.
  private KernelSpec spec(Node node, TensorDesc x) {
    TensorDesc y = x.sized(plan.shape(node.output()));
    long height = x.shape().size(2);
    long width = x.shape().size(3);
    Window window;
    PoolKind kind;
    switch (node.op()) {
      case Pooling.MaxPool p -> {
        window = p.window().resolve(height, width);
        kind = PoolKind.MAX;
      }
      case Pooling.AveragePool p -> {
        window = p.window().resolve(height, width);
        kind = p.countIncludePad() ? PoolKind.AVERAGE_INCLUDE_PAD : PoolKind.AVERAGE;
      }
      case Pooling.GlobalAveragePool p -> {
        window = Window.of(Math.toIntExact(height), Math.toIntExact(width));
        kind = PoolKind.AVERAGE;
      }
      default -> throw new IllegalArgumentException(node + " is no pool");
    }
    return new KernelSpec.Pool(x, y, window, kind);
  }
}
