package io.octet.internal.lower;

import io.octet.graph.Node;
import io.octet.graph.op.Convolution.Conv;
import io.octet.graph.op.Window;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.PostOps;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.pass.LayerNode;
import io.octet.tensor.Shape;

/// Lowers convolutions, which are {@link LayerForms} over images; one whose weights a run makes is
/// literal.
final class Convolution implements LayerForms.Kind {
  private final Scope scope;
  private final Literal literals;
  private final LayerForms layers;

  Convolution(Scope scope, Lowering lowering, Literal literals) {
    this.scope = scope;
    this.literals = literals;
    this.layers = new LayerForms(scope, lowering, this);
  }

  void lower(Node node, Draft draft) {
    LayerNode.of(scope.model(), node)
        .ifPresentOrElse(layer -> layers.lower(layer, draft), () -> literals.lower(node, draft));
  }

  @Override
  public Layout layout() {
    return Layout.CHANNELS_LAST;
  }

  @Override
  public KernelSpec spec(LayerForms.Form form) {
    Conv conv = (Conv) form.layer().core().op();
    Tail tail = form.tail();
    Shape shape = scope.shape(form.layer().last().output());
    PostOps post = new PostOps(null, tail.min(), tail.max());
    if (form.residual() != null) {
      post = post.withResidual(form.residual().desc());
    }
    TensorDesc x = layers.bounded(form, form.x().desc());
    Window window = conv.window().resolve(x.shape().size(2), x.shape().size(3));
    TensorDesc y = LayerForms.output(Layout.CHANNELS_LAST, shape, tail.quant());
    return new KernelSpec.Conv(x, y, form.weights(), window, conv.groups(), post);
  }
}
