package io.octet.internal.lower;

import io.octet.OctetException.Unsupported;
import io.octet.graph.Node;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Convolution;
import io.octet.graph.op.Product;
import io.octet.graph.op.Window;
import io.octet.internal.kernel.Kernel;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.PostOps;
import io.octet.internal.kernel.RefusalCode;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.kernel.Weights;
import io.octet.internal.lower.LayerWeights.Answer;
import io.octet.internal.lower.PlanBuilder.Reason;
import io.octet.internal.pass.Constants;
import io.octet.internal.select.Registry;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// Lowers convolutions and linear layers: in int8 with all that fits inside the kernel, then with
/// less inside, then in FP32. The first form that a backend accepts wins.
final class LayerLowering {
  private final PlanBuilder plan;
  private final Lowering lowering;

  LayerLowering(PlanBuilder plan, Lowering lowering) {
    this.plan = plan;
    this.lowering = lowering;
  }

  /// A layer with the bias that an Add behind it holds.
  ///
  /// @param node Conv, Gemm or MatMul
  /// @param last the node whose output is the layer's: `node`, or the Add of its bias
  /// @param bias the value of that bias, or ""
  private record Layer(Node node, Node last, String bias) {}

  /// One try: what the kernel reads, with which weights, and what it takes in.
  private record Form(Layer layer, Repr x, Weights weights, Tail tail, Repr residual) {}

  void lower(Node node) {
    if (!Constants.isKnown(plan.graph, node.input(1))) {
      throw new Unsupported(node + ": weights \"" + node.input(1) + "\" are no constant");
    }
    Layer layer = plan.options.literal() ? new Layer(node, node, "") : withBias(node);
    Reason reason = plan.choice.againstInt8(plan, node);
    if (reason == null) {
      reason = lowerInt8(layer);
    }
    if (reason != null) {
      lowerF32(layer, reason);
    }
  }

  /// Lowers in int8 and returns null, or returns the reason why that cannot be.
  private Reason lowerInt8(Layer layer) {
    Node node = layer.node();
    Repr x = plan.options.literal() ? null : int8Input(node);
    boolean quantizedWeights = plan.weights.isQuantized(node);
    if (x == null) {
      String lack =
          plan.isQuantized(node) ? "\" has no single, constant scale" : "\" is not quantized";
      return quantizedWeights && !plan.options.literal()
          ? new Reason(RefusalCode.MISSING_RANGE, "input \"" + node.input(0) + lack)
          : Reason.NOT_QUANTIZED;
    }
    Answer answer = plan.weights.int8(node, layer.bias(), x.image());
    if (answer instanceof Answer.Missing(RefusalCode code, String detail)) {
      return new Reason(code, detail);
    }
    Weights weights = ((Answer.Found) answer).weights();
    Tail.Wish most = new Tail.Wish(lowering::available, true, !plan.options.exact(), true);
    Tail full = Tail.behind(plan.graph, layer.last(), most);
    Registry.Selection refused = null;
    if (full.hasResidual()) {
      Repr residual = residual(full, layer);
      if (residual != null) {
        refused = tryOut(new Form(layer, x, weights, full, residual), Reason.NONE);
        if (refused == null) {
          return null;
        }
      }
    }
    Tail bare =
        full.hasResidual() ? Tail.behind(plan.graph, layer.last(), Tail.Wish.CLAMP_QUANTIZE) : full;
    refused = tryOut(new Form(layer, x, weights, bare, null), Reason.NONE);
    return refused == null ? null : Reason.of(refused);
  }

  private void lowerF32(Layer layer, Reason reason) {
    Node node = layer.node();
    Repr x = f32Input(node);
    Weights weights = plan.weights.f32(node, layer.bias(), x.image());
    Tail.Wish most =
        plan.options.literal()
            ? Tail.Wish.NOTHING
            : new Tail.Wish(lowering::available, true, false, false);
    Tail full = Tail.behind(plan.graph, layer.last(), most);
    Registry.Selection refused = null;
    if (full.hasResidual()) {
      Repr residual = residual(full, layer);
      if (residual != null && tryOut(new Form(layer, x, weights, full, residual), reason) == null) {
        return;
      }
      full = Tail.behind(plan.graph, layer.last(), Tail.Wish.CLAMP);
    }
    refused = tryOut(new Form(layer, x, weights, full, null), reason);
    if (refused != null) {
      throw new Unsupported(node + ": no backend runs it: " + PlanBuilder.refusals(refused));
    }
  }

  /// Makes the kernel and its step and returns null, or returns the refusals.
  private Registry.Selection tryOut(Form form, Reason reason) {
    KernelSpec spec = spec(form);
    Registry.Selection selection = plan.ask(spec);
    Kernel kernel = selection.kernel();
    if (kernel == null) {
      return selection;
    }
    List<Integer> inputs = new ArrayList<>(List.of(form.x().buffer()));
    if (form.residual() != null) {
      inputs.add(form.residual().buffer());
    }
    Layer layer = form.layer();
    Repr y = plan.fresh(spec.y());
    plan.step(layer.node().name(), kernel, inputs, y.buffer());
    Shape logical = plan.shape(form.tail().output());
    plan.values.put(form.tail().output(), new Repr(y.buffer(), spec.y().sized(logical)));
    Tail tail = form.tail();
    if (layer.last() != layer.node()) {
      List<Node> fused = new ArrayList<>(List.of(layer.last()));
      fused.addAll(tail.fused());
      tail =
          new Tail(
              fused,
              tail.elided(),
              tail.residual(),
              tail.min(),
              tail.max(),
              tail.output(),
              tail.quant());
    }
    plan.done(List.of(layer.node()));
    plan.done(tail.fused());
    plan.done(tail.elided());
    plan.report(layer.node(), kernel, spec, tail, reason);
    return null;
  }

  private KernelSpec spec(Form form) {
    Node node = form.layer().node();
    Tail tail = form.tail();
    Shape shape = plan.shape(form.layer().last().output());
    PostOps post = new PostOps(null, tail.min(), tail.max());
    if (node.op() instanceof Convolution.Conv(Window window, int groups)) {
      TensorDesc x = bounded(node, form.x().desc());
      if (form.residual() != null) {
        post = post.withResidual(form.residual().desc());
      }
      return new KernelSpec.Conv(
          x,
          output(Layout.CHANNELS_LAST, shape, tail.quant()),
          form.weights(),
          window.resolve(x.shape().size(2), x.shape().size(3)),
          groups,
          post);
    }
    TensorDesc x = bounded(node, asMatrix(form.x().desc()));
    Shape matrix = Shape.of(x.shape().size(0), form.weights().channels());
    if (form.residual() != null) {
      TensorDesc r = form.residual().desc();
      post = post.withResidual(r.in(Layout.ROW_MAJOR).sized(matrix));
    }
    return new KernelSpec.Linear(
        x, output(Layout.ROW_MAJOR, matrix, tail.quant()), form.weights(), post);
  }

  private TensorDesc bounded(Node node, TensorDesc x) {
    return x.isInt8() ? x.bounded(plan.facts.bounds().largest(node.input(0), x.quant())) : x;
  }

  private static TensorDesc output(Layout layout, Shape shape, QuantParams quant) {
    return quant == null
        ? TensorDesc.f32(layout, shape)
        : TensorDesc.quantized(layout, shape, quant);
  }

  /// All axes but the last as one.
  private static TensorDesc asMatrix(TensorDesc x) {
    long columns = x.shape().size(x.shape().rank() - 1);
    long rows = columns == 0 ? 0 : x.shape().elements() / columns;
    return x.in(Layout.ROW_MAJOR).sized(Shape.of(rows, columns));
  }

  /// The residual in the type that the kernel's output has, or null where it cannot be fused.
  private Repr residual(Tail tail, Layer layer) {
    Shape shape = plan.shape(layer.last().output());
    if (!plan.shape(tail.residual()).equals(shape)) {
      return null;
    }
    Layout layout =
        layer.node().op() instanceof Convolution.Conv ? Layout.CHANNELS_LAST : Layout.ROW_MAJOR;
    return tail.quant() != null
        ? plan.values.int8(tail.residual(), layout)
        : plan.values.f32(tail.residual(), layout);
  }

  private Repr int8Input(Node node) {
    Repr x = plan.values.int8(node.input(0));
    if (x == null) {
      return null;
    }
    return node.op() instanceof Convolution.Conv
        ? plan.values.int8(node.input(0), Layout.CHANNELS_LAST)
        : plan.values.in(node.input(0), Layout.ROW_MAJOR, x.desc().quant(), acceptsImage(node));
  }

  private Repr f32Input(Node node) {
    return node.op() instanceof Convolution.Conv
        ? plan.values.f32(node.input(0), Layout.CHANNELS_LAST)
        : plan.values.in(node.input(0), Layout.ROW_MAJOR, null, acceptsImage(node));
  }

  /// Whether the weights' columns can be permuted to a flattened NHWC image.
  private boolean acceptsImage(Node node) {
    return !plan.options.literal() && plan.shape(node.input(0)).rank() == 2;
  }

  /// A MatMul, or a layer without bias, whose only reader adds a constant to each output channel.
  private Layer withBias(Node node) {
    if (node.hasInput(2)) {
      return new Layer(node, node, "");
    }
    Node add = Tail.soleReader(plan.graph, node.output());
    if (node.op() instanceof Product.MatMul && add != null && add.op() instanceof Binary.Add) {
      String other = add.input(0).equals(node.output()) ? add.input(1) : add.input(0);
      Shape shape = plan.shape(node.output());
      if (Constants.isKnown(plan.graph, other)) {
        Shape bias = plan.shape(other);
        long channels = shape.size(shape.rank() - 1);
        boolean vector =
            bias.elements() == channels
                && bias.rank() > 0
                && bias.size(bias.rank() - 1) == channels
                && bias.rank() <= shape.rank();
        if (vector) {
          return new Layer(node, add, other);
        }
      }
    }
    return new Layer(node, node, "");
  }
}
