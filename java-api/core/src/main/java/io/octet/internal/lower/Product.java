package io.octet.internal.lower;

import io.octet.graph.Node;
import io.octet.graph.op.Binary.Add;
import io.octet.graph.op.Binary.Div;
import io.octet.graph.op.Binary.Mul;
import io.octet.graph.op.Product.Einsum;
import io.octet.graph.op.Product.Gemm;
import io.octet.graph.op.Product.MatMul;
import io.octet.graph.op.Product.MatMulInteger;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.PostOps;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.pass.Constants;
import io.octet.internal.pass.LayerNode;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Lowers matrix products: with known weights they are {@link LayerForms}, of two activations they
/// are computed in float.
final class Product implements LayerForms.Kind {
  private final Scope scope;
  private final Literal literals;
  private final LayerForms layers;
  private final DynamicLayers dynamic;

  Product(Scope scope, Lowering lowering, Literal literals, DynamicLayers dynamic) {
    this.scope = scope;
    this.literals = literals;
    this.layers = new LayerForms(scope, lowering, this);
    this.dynamic = dynamic;
  }

  void lower(Node node, io.octet.graph.op.Product op, Draft draft) {
    Optional<LayerNode> layer = LayerNode.of(scope.model(), node);
    if (layer.isPresent()) {
      if (!dynamic.lower(layer.get(), layers, draft)) {
        layers.lower(layer.get(), draft);
      }
      return;
    }
    switch (op) {
      case Gemm g -> gemm(node, g, draft);
      case MatMul _ -> {
        Optional<Scale> scale = scale(node, draft.values);
        Made product =
            scale.isPresent()
                ? scaled(node, scale.get(), draft)
                : product(node, false, false, 1, tail(node, true), draft);
        draft.values.put(product.value(), product.repr());
      }
      case MatMulInteger _, Einsum _ -> literals.lower(node, draft);
    }
  }

  @Override
  public Layout layout() {
    return Layout.ROW_MAJOR;
  }

  @Override
  public KernelSpec spec(LayerForms.Form form) {
    Tail tail = form.tail();
    PostOps post = tail.post();
    TensorDesc x = layers.bounded(form, asMatrix(form.x().desc()));
    Shape matrix = Shape.of(x.shape().size(0), form.weights().channels());
    if (form.residual() != null) {
      TensorDesc r = form.residual().desc();
      post = post.withResidual(r.in(Layout.ROW_MAJOR).sized(matrix));
    }
    TensorDesc y = LayerForms.output(Layout.ROW_MAJOR, matrix, tail.quant());
    return new KernelSpec.Linear(x, y, form.weights(), post);
  }

  /// All axes but the last as one.
  static TensorDesc asMatrix(TensorDesc x) {
    long columns = x.shape().size(x.shape().rank() - 1);
    long rows = columns == 0 ? 0 : x.shape().elements() / columns;
    return x.in(Layout.ROW_MAJOR).sized(Shape.of(rows, columns));
  }

  private void gemm(Node node, Gemm op, Draft draft) {
    boolean bare = !node.hasInput(2) || op.beta() == 0;
    Made made = product(node, op.transA(), op.transB(), op.alpha(), tail(node, bare), draft);
    if (bare) {
      draft.values.put(made.value(), made.repr());
      return;
    }
    Repr product = made.repr();
    Repr c = draft.values.f32(node.input(2), Layout.ROW_MAJOR);
    if (op.beta() != 1) {
      long[] ones = new long[c.desc().shape().rank()];
      Arrays.fill(ones, 1);
      Repr beta = Values.own(Tensor.of(new float[] {op.beta()}, ones));
      c = combined(node, new Mul(), List.of(c, beta), c.desc(), draft);
    }
    TensorDesc y = product.desc();
    draft.values.put(node.output(), combined(node, new Add(), List.of(product, c), y, draft));
  }

  /// What multiplies a product behind it, as the scores of attention are.
  ///
  /// @param by the node that does
  private record Scale(Node by, float factor) {}

  /// The constant that alone reads a product of floats and scales it.
  private Optional<Scale> scale(Node node, Values values) {
    Node next = scope.isLiteral() ? null : scope.graph().soleReader(node.output());
    boolean bytes = values.int8(node.input(0)) != null || values.int8(node.input(1)) != null;
    if (next == null || bytes || next.inputs().size() != 2) {
      return Optional.empty();
    }
    boolean divides = next.op() instanceof Div && next.input(0).equals(node.output());
    if (!divides && !(next.op() instanceof Mul)) {
      return Optional.empty();
    }
    String other = next.input(next.input(0).equals(node.output()) ? 1 : 0);
    Tensor known = scope.graph().constant(other);
    boolean one =
        known != null
            && known.type() == DataType.F32
            && known.elements() == 1
            && known.shape().rank() <= scope.shape(node.output()).rank();
    return one
        ? Optional.of(new Scale(next, divides ? 1 / known.getFloat(0) : known.getFloat(0)))
        : Optional.empty();
  }

  private Made scaled(Node node, Scale scale, Draft draft) {
    Repr a = draft.values.f32(node.input(0), Layout.ROW_MAJOR);
    Repr b = draft.values.f32(node.input(1), Layout.ROW_MAJOR);
    TensorDesc y = TensorDesc.f32(Layout.ROW_MAJOR, scope.shape(node.output()));
    KernelSpec spec = new KernelSpec.MatMul(a.desc(), b.desc(), y, false, false, scale.factor());
    String output = scale.by().output();
    Tail tail = Tail.of(List.of(scale.by()), output, null);
    return new Made(output, draft.serve(node, spec, List.of(a, b), tail, Reason.NOT_QUANTIZED));
  }

  /// A further step of a node that has its row already.
  private static Repr combined(
      Node node, io.octet.graph.op.Binary function, List<Repr> from, TensorDesc y, Draft draft) {
    TensorDesc a = from.getFirst().desc();
    TensorDesc b = from.getLast().desc();
    KernelSpec spec = new KernelSpec.Binary(function, a, b, y, PostOps.NONE);
    return draft.step(node.name(), spec, from, null).getFirst();
  }

  private Tail tail(Node node, boolean quantizes) {
    return quantizes && !scope.isLiteral()
        ? Tail.behind(scope.graph(), node, Tail.Wish.QUANTIZE)
        : Tail.nothing(node);
  }

  /// A result, and the value that it is.
  private record Made(String value, Repr repr) {}

  /// The product: quantized where `tail` says so and an engine multiplies bytes, else float.
  private Made product(
      Node node, boolean transA, boolean transB, float alpha, Tail tail, Draft draft) {
    Values values = draft.values;
    boolean quantized =
        !scope.isLiteral()
            && values.int8(node.input(0)) != null
            && values.int8(node.input(1)) != null;
    Reason reason = Reason.NOT_QUANTIZED;
    if (quantized) {
      try (Draft attempt = draft.draft()) {
        Repr a = attempt.values.rowMajor(node.input(0));
        Repr b = signed(node.input(1), attempt.values);
        TensorDesc y =
            LayerForms.output(Layout.ROW_MAJOR, scope.shape(node.output()), tail.quant());
        KernelSpec spec = new KernelSpec.MatMul(a.desc(), b.desc(), y, transA, transB, alpha);
        reason = attempt.refusal(spec);
        if (reason == null) {
          Repr made = attempt.serve(node, spec, List.of(a, b), tail, Reason.NONE);
          attempt.commit();
          return new Made(tail.output(), made);
        }
      }
      reason = new Reason(reason.code(), productOf(node) + ": " + reason.detail());
    }
    Repr a = values.f32(node.input(0), Layout.ROW_MAJOR);
    Repr b = values.f32(node.input(1), Layout.ROW_MAJOR);
    TensorDesc y = TensorDesc.f32(Layout.ROW_MAJOR, scope.shape(node.output()));
    KernelSpec spec = new KernelSpec.MatMul(a.desc(), b.desc(), y, transA, transB, alpha);
    Repr made = draft.serve(node, spec, List.of(a, b), Tail.nothing(node), reason);
    return new Made(node.output(), made);
  }

  /// Bytes as engines want them on the right: signed ones, which stand for the same numbers.
  private static Repr signed(String value, Values values) {
    QuantParams quant = values.int8(value).desc().quant();
    QuantParams signed =
        quant.type() == DataType.S8
            ? quant
            : QuantParams.perTensor(DataType.S8, quant.scale(), quant.zeroPoint() - 128);
    return values.in(value, Layout.ROW_MAJOR, signed, false);
  }

  /// Layers come by another way: a constant here is no matrix of weights.
  private String productOf(Node node) {
    for (int i = 0; i < 2; i++) {
      if (Constants.isKnown(scope.graph(), node.input(i))) {
        String side = i == 0 ? "left" : "right";
        return "a product with the constant " + scope.shape(node.input(i)) + " on the " + side;
      }
    }
    return "a product of two activations";
  }
}
