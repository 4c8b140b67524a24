package io.octet.internal.lower;

import io.octet.OctetException.Unsupported;
import io.octet.graph.Node;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.RefusalCode;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.kernel.Weights;
import io.octet.internal.lower.LayerWeights.Answer;
import io.octet.internal.pass.Constants;
import io.octet.internal.pass.LayerNode;
import io.octet.internal.pass.QdqNodes;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// What convolutions and linear layers share: they are lowered in int8 with all that fits inside
/// the kernel, then with less inside, then in FP32. The first form that a backend accepts wins.
final class LayerForms {
  /// What a family does in its own way.
  interface Kind {
    /// The layout of data and result.
    Layout layout();

    /// The kernel of a form.
    KernelSpec spec(Form form);
  }

  /// One try: what the kernel reads, with which weights, and what it takes in.
  ///
  /// @param residual what the kernel adds; null for nothing
  record Form(LayerNode layer, Repr x, Weights weights, Tail tail, Repr residual) {}

  private final Scope scope;
  private final Lowering lowering;
  private final Kind kind;

  LayerForms(Scope scope, Lowering lowering, Kind kind) {
    this.scope = scope;
    this.lowering = lowering;
    this.kind = kind;
  }

  void lower(LayerNode core, Draft draft) {
    LayerNode layer = scope.isLiteral() ? core : withAdd(core);
    Reason reason = againstInt8(layer, draft);
    if (reason == null) {
      reason = int8(layer, draft);
    }
    if (reason != null) {
      f32(layer, reason, draft);
    }
  }

  /// A constant of this plan alone is no weight or bias: those are made once for all plans.
  LayerNode withAdd(LayerNode core) {
    LayerNode whole = core.withAdd(scope.graph(), v -> scope.shape(v).rank());
    boolean shared = !whole.hasBias() || Constants.isKnown(scope.model(), whole.bias());
    return shared ? whole : core;
  }

  /// Why a layer that int8 kernels may take is not offered to them; null where it is.
  private Reason againstInt8(LayerNode layer, Draft draft) {
    Node node = layer.core();
    return switch (scope.context().choice()) {
      case LayerChoice.Int8 _ -> null;
      case LayerChoice.Told(var inFp32) -> slower(inFp32.get(node.name()));
      case LayerChoice.Raced(var layers, var race) ->
          layers.test(node.name()) && draft.explanation().isQuantized(node)
              ? slower(raced(layer, race, draft))
              : null;
    };
  }

  private static Reason slower(String detail) {
    return detail == null ? null : new Reason(RefusalCode.SLOWER_THAN_FP32, detail);
  }

  /// Drafts the layer both ways. Each does the work of all nodes that either takes in (clamps, an
  /// Add, the quantization of the output) and, from the data as they were made, the conversions
  /// that it needs.
  private String raced(LayerNode layer, LayerChoice.Race race, Draft draft) {
    try (Draft inInt8 = draft.trial();
        Draft inFp32 = draft.trial()) {
      if (int8(layer, inInt8) != null) {
        return null;
      }
      f32(layer, Reason.NONE, inFp32);
      List<Node> work =
          scope.graph().nodes().stream()
              .filter(n -> inInt8.hasDone(n) || inFp32.hasDone(n))
              .toList();
      lowering.lower(work, inInt8);
      lowering.lower(work, inFp32);
      return race.fasterInFp32(inInt8::plan, inFp32::plan);
    }
  }

  /// Lowers in int8 and returns null, or returns the reason why that cannot be.
  private Reason int8(LayerNode layer, Draft draft) {
    Node node = layer.core();
    Repr given = scope.isLiteral() ? null : draft.values.int8(node.input(0));
    if (given == null) {
      String lack =
          isWide(node.input(0))
              ? "\" is quantized to more than 8 bits, which run in FP32"
              : draft.explanation().isQuantized(node)
                  ? "\" has no single, constant scale"
                  : "\" is not quantized";
      return scope.weights().isQuantized(layer) && !scope.isLiteral()
          ? new Reason(RefusalCode.MISSING_RANGE, "input \"" + node.input(0) + lack)
          : Reason.NOT_QUANTIZED;
    }
    Tail.Wish most =
        new Tail.Wish(v -> lowering.available(v, draft), true, !scope.options().exact(), true);
    Tail full = Tail.behind(scope.graph(), layer.last(), most);
    QuantParams quant = given.desc().quant();
    boolean more = full.hasResidual() || full.function() != null;
    if (more && tryOut(layer, quant, full, Reason.NONE, draft) == null) {
      return null;
    }
    Tail bare = more ? Tail.behind(scope.graph(), layer.last(), Tail.Wish.CLAMP_QUANTIZE) : full;
    return tryOut(layer, quant, bare, Reason.NONE, draft);
  }

  /// Whether a value comes from integers of more than 8 bits.
  private boolean isWide(String value) {
    Node maker = scope.graph().producer(value);
    return QdqNodes.isDequantize(maker) && scope.info(maker.input(0)).type() == DataType.S32;
  }

  private void f32(LayerNode layer, Reason reason, Draft draft) {
    Tail.Wish most =
        scope.isLiteral()
            ? Tail.Wish.NOTHING
            : new Tail.Wish(v -> lowering.available(v, draft), true, false, false);
    Tail full = Tail.behind(scope.graph(), layer.last(), most);
    if (full.hasResidual()) {
      if (tryOut(layer, null, full, reason, draft) == null) {
        return;
      }
      full = Tail.behind(scope.graph(), layer.last(), Tail.Wish.CLAMP);
    }
    Reason refused = tryOut(layer, null, full, reason, draft);
    if (refused != null) {
      throw new Unsupported(layer.core() + ": no backend runs it: " + refused.detail());
    }
  }

  /// Drafts the layer's step with what its kernel would read. Returns null where a backend takes
  /// it; else nothing is left of it but the reason.
  ///
  /// @param quant how the data are quantized; null for float
  private Reason tryOut(LayerNode layer, QuantParams quant, Tail tail, Reason reason, Draft draft) {
    try (Draft attempt = draft.draft()) {
      Repr x = attempt.values.in(layer.data(), kind.layout(), quant, takesFlattened(layer));
      Weights weights;
      if (quant == null) {
        weights = scope.weights().f32(layer, x.image());
      } else {
        switch (scope.weights().int8(layer, x.image())) {
          case Answer.Missing(RefusalCode code, String detail) -> {
            return new Reason(code, detail);
          }
          case Answer.Found(Weights found) -> weights = found;
        }
      }
      List<Repr> from = new ArrayList<>(List.of(x));
      Repr residual = null;
      if (tail.hasResidual()) {
        residual = residual(tail, layer, attempt.values);
        if (residual == null) {
          return Reason.NONE;
        }
        from.add(residual);
      }
      Form form = new Form(layer, x, weights, tail, residual);
      KernelSpec spec = kind.spec(form);
      Reason refused = attempt.refusal(spec);
      if (refused != null) {
        return refused;
      }
      add(form, spec, from, reason, attempt);
      attempt.commit();
      return null;
    }
  }

  private void add(Form form, KernelSpec spec, List<Repr> from, Reason reason, Draft attempt) {
    LayerNode layer = form.layer();
    Tail tail = layer.last() == layer.core() ? form.tail() : form.tail().behindFused(layer.last());
    Repr y = attempt.serve(layer.core(), spec, from, tail, reason);
    TensorDesc logical = spec.y().sized(scope.shape(tail.output()));
    attempt.values.put(tail.output(), new Repr(y.buffer(), logical));
  }

  /// The residual in the type that the kernel's output has, or null where it cannot be fused.
  private Repr residual(Tail tail, LayerNode layer, Values values) {
    Shape shape = scope.shape(layer.last().output());
    if (!scope.shape(tail.residual()).equals(shape)) {
      return null;
    }
    return tail.quant() != null
        ? values.int8(tail.residual(), kind.layout())
        : values.f32(tail.residual(), kind.layout());
  }

  private boolean takesFlattened(LayerNode layer) {
    return !layer.isConv()
        && !scope.isLiteral()
        && Layouts.takesFlattened(scope.shape(layer.data()));
  }

  /// What is known of the largest integer of a layer's data.
  TensorDesc bounded(Form form, TensorDesc x) {
    String value = form.layer().data();
    return x.isInt8() ? x.bounded(scope.facts().bounds().largest(value, x.quant())) : x;
  }

  static TensorDesc output(Layout layout, Shape shape, QuantParams quant) {
    return quant == null
        ? TensorDesc.f32(layout, shape)
        : TensorDesc.quantized(layout, shape, quant);
  }
}
