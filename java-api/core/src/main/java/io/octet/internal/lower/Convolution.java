package io.octet.internal.lower;

import io.octet.graph.Node;
import io.octet.graph.op.Convolution.Conv;
import io.octet.graph.op.Convolution.ConvInteger;
import io.octet.graph.op.Convolution.ConvTranspose;
import io.octet.graph.op.Window;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.PostOps;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.kernel.Weights;
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

  /// Whether kernels do what `op` says.
  static boolean serves(io.octet.graph.op.Convolution op) {
    return switch (op) {
      case Conv _, ConvTranspose _ -> op.window().axes() <= 3;
      case ConvInteger _ -> false;
    };
  }

  /// A line of pixels is an image of one row.
  @Override
  public KernelSpec spec(LayerForms.Form form) {
    io.octet.graph.op.Convolution op = (io.octet.graph.op.Convolution) form.layer().core().op();
    Tail tail = form.tail();
    Shape shape = scope.shape(form.layer().last().output());
    PostOps post = tail.post();
    if (form.residual() != null) {
      post = post.withResidual(form.residual().desc().asImage());
    }
    TensorDesc x = layers.bounded(form, form.x().desc());
    Window window =
        op instanceof ConvTranspose transposed
            ? transposed.resolve(x.shape())
            : op.window().resolve(x.shape());
    TensorDesc y = LayerForms.output(Layout.CHANNELS_LAST, shape, tail.quant()).asImage();
    Weights weights = form.weights();
    if (window.axes() == 1) {
      Shape w = weights.values().shape();
      weights = weights.reshaped(Shape.of(w.size(0), w.size(1), 1, w.size(2)));
      window = window.ofOneRow();
    }
    boolean spreads = op instanceof ConvTranspose;
    return new KernelSpec.Conv(x.asImage(), y, weights, window, op.groups(), spreads, post);
  }
}
