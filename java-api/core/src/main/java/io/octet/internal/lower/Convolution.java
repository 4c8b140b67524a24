package io.octet.internal.lower;

import io.octet.OctetException;
import io.octet.OctetException.InvalidModel;
import io.octet.OctetException.Unsupported;
import io.octet.graph.Node;
import io.octet.graph.op.Convolution.Conv;
import io.octet.graph.op.Window;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.PostOps;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.pass.Constants;
import io.octet.internal.pass.LayerNode;
import io.octet.tensor.Shape;

/// Lowers convolutions, which are {@link LayerForms} over images.
final class Convolution implements LayerForms.Kind {
  private final Scope scope;
  private final LayerForms layers;

  Convolution(Scope scope, Lowering lowering) {
    this.scope = scope;
    this.layers = new LayerForms(scope, lowering, this);
  }

  void lower(Node node, Draft draft) {
    layers.lower(LayerNode.of(scope.model(), node).orElseThrow(() -> unknown(node)), draft);
  }

  private OctetException unknown(Node node) {
    return Constants.isKnown(scope.model(), node.input(1))
        ? new InvalidModel(node + ": bias \"" + node.input(2) + "\" must be a constant")
        : new Unsupported(node + ": weights \"" + node.input(1) + "\" are no constant");
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
