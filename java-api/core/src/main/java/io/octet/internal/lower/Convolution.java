package io.octet.internal.lower;

import io.octet.graph.Node;
import io.octet.graph.op.Convolution.Conv;
import io.octet.graph.op.Convolution.ConvInteger;
import io.octet.graph.op.Convolution.ConvTranspose;
import io.octet.graph.op.Window;
import io.octet.internal.kernel.Constant;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.PostOps;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.kernel.Weights;
import io.octet.internal.pass.Constants;
import io.octet.internal.pass.LayerNode;
import io.octet.tensor.DataType;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.List;

/// Lowers convolutions, which are {@link LayerForms} over images; a transposed one in groups is one
/// of floats, and one whose weights a run makes is literal.
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
        .ifPresentOrElse(
            layer -> layers.lower(layer, draft),
            () -> {
              if (!spreadsInGroups(node, draft)) {
                literals.lower(node, draft);
              }
            });
  }

  /// Weights [inputs, outputs of a group, ...] of a transposed convolution, outputs first.
  private record Turned(String weights, int groups) {}

  /// Lowers a transposed convolution in groups, whose weights lie in an order of their own; false
  /// where this is none, or no kernel takes it.
  private boolean spreadsInGroups(Node node, Draft draft) {
    if (scope.isLiteral()
        || !(node.op() instanceof ConvTranspose op)
        || !Constants.isKnown(scope.model(), node.input(1))
        || node.hasInput(2) && !Constants.isKnown(scope.model(), node.input(2))) {
      return false;
    }
    try (Draft attempt = draft.draft()) {
      Repr x = attempt.values.f32(node.input(0), Layout.CHANNELS_LAST);
      Window window = op.resolve(x.desc().shape());
      TensorDesc y = TensorDesc.f32(Layout.CHANNELS_LAST, scope.shape(node.output()));
      Weights weights = turned(node, op.groups());
      if (window.axes() == 1) {
        weights = ofOneRow(weights);
        window = window.ofOneRow();
      }
      KernelSpec spec =
          new KernelSpec.Conv(
              x.desc().asImage(), y.asImage(), weights, window, op.groups(), true, PostOps.NONE);
      if (attempt.refusal(spec) != null) {
        return false;
      }
      Reason reason = literals.reason(node, attempt.explanation().isQuantized(node));
      Repr made = attempt.serve(node, spec, List.of(x), Tail.nothing(node), reason);
      attempt.values.put(node.output(), new Repr(made.buffer(), y));
      attempt.commit();
      return true;
    }
  }

  private Weights turned(Node node, int groups) {
    String name = node.input(1);
    Tensor stored = Constants.stored(scope.model(), name);
    Shape from = stored.shape();
    Shape to = from.with(0, from.dim(1).times(Dim.of(groups)));
    to = to.with(1, Dim.of(from.size(0) / groups));
    Constant values =
        scope
            .constants()
            .of(name, stored)
            .form(
                new Turned(name, groups),
                DataType.F32,
                to,
                _ -> turned(Constants.floats(scope.model(), name), groups));
    float[] bias =
        node.hasInput(2) ? Constants.floats(scope.model(), node.input(2)).toFloats() : new float[0];
    return new Weights(values, new float[0], bias);
  }

  private static Tensor turned(Tensor weights, int groups) {
    float[] from = weights.toFloats();
    float[] to = new float[from.length];
    long[] sizes = weights.shape().sizes();
    int inputs = (int) sizes[0] / groups;
    int outputs = (int) sizes[1];
    int taps = from.length / Math.max(1, groups * inputs * outputs);
    for (int g = 0; g < groups; g++) {
      for (int i = 0; i < inputs; i++) {
        for (int o = 0; o < outputs; o++) {
          int at = ((g * inputs + i) * outputs + o) * taps;
          System.arraycopy(from, at, to, ((g * outputs + o) * inputs + i) * taps, taps);
        }
      }
    }
    sizes[0] = (long) groups * outputs;
    sizes[1] = inputs;
    return Tensor.of(to, sizes);
  }

  private static Weights ofOneRow(Weights weights) {
    Shape w = weights.values().shape();
    return weights.reshaped(Shape.of(w.size(0), w.size(1), 1, w.size(2)));
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
      weights = ofOneRow(weights);
      window = window.ofOneRow();
    }
    boolean spreads = op instanceof ConvTranspose;
    return new KernelSpec.Conv(x.asImage(), y, weights, window, op.groups(), spreads, post);
  }
}
