package io.octet.internal.lower;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Quantization.DynamicQuantizeLinear;
import io.octet.graph.op.Unary;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.PostOps;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.kernel.Weights;
import io.octet.internal.lower.LayerWeights.Answer;
import io.octet.internal.lower.LayerWeights.Shifted;
import io.octet.internal.pass.LayerNode;
import io.octet.internal.pass.QdqNodes;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Lowers linear layers whose data are quantized when they arrive: DynamicQuantizeLinear, then a
/// DequantizeLinear that nobody but such layers reads, then the products with int8 weights. Three
/// steps: the integers with scale and zero point, once for all layers that read them; their int32
/// sums, by the engines that any layer has; the sums as reals, with bias, residual and clamp, or a
/// function.
final class DynamicLayers {
  /// The integers as the sums take them: their scales and zero points come in afterwards.
  private static final QuantParams AS_THEY_LIE = QuantParams.perTensor(DataType.U8, 1, 0);

  private final Scope scope;
  private final Lowering lowering;

  DynamicLayers(Scope scope, Lowering lowering) {
    this.scope = scope;
    this.lowering = lowering;
  }

  /// Whether `dequantize` has nothing to do: the layers behind it read the integers.
  boolean isTaken(Node dequantize) {
    Graph graph = scope.graph();
    String value = dequantize.output();
    return !scope.isLiteral()
        && maker(dequantize).isPresent()
        && !graph.isOutput(value)
        && graph.consumers(value).stream().allMatch(reader -> layerOf(reader, value).isPresent());
  }

  /// The node that makes the integers and their parameters at run time.
  private Optional<Node> maker(Node dequantize) {
    Node maker = scope.graph().producer(dequantize.input(0));
    boolean dynamic =
        maker != null
            && maker.op() instanceof DynamicQuantizeLinear
            && maker.outputs().size() == 3
            && maker.outputs().equals(dequantize.inputs());
    return dynamic ? Optional.of(maker) : Optional.empty();
  }

  /// The layer that `reader` is on that value, with weights that int8 kernels take.
  private Optional<LayerNode> layerOf(Node reader, String value) {
    return LayerNode.of(scope.model(), reader)
        .filter(
            layer ->
                !layer.isConv()
                    && layer.data().equals(value)
                    && !reader.inputs().subList(1, reader.inputs().size()).contains(value)
                    && weights(layer).isPresent());
  }

  private Optional<Shifted> weights(LayerNode layer) {
    return scope.weights().int8(layer, null) instanceof Answer.Found(Weights weights)
        ? Optional.of(new Shifted(weights, new int[0]))
        : scope.weights().shifted(layer);
  }

  /// Lowers the node to integers by the range of all values, or of each row where that is welcome
  /// and nobody would see it; false where the operator's definition is to run.
  boolean quantize(Node node, DynamicQuantizeLinear op, Draft draft) {
    if (scope.isLiteral() || node.outputs().size() != 3) {
      return false;
    }
    Shape shape = scope.shape(node.input(0));
    boolean rows = op.rows() && !scope.options().exact() && shape.rank() > 0 && isHidden(node);
    Shape ranges = rows ? Shape.of(shape.elements() / shape.size(shape.rank() - 1)) : Shape.of();
    Repr x = draft.values.f32(node.input(0), Layout.ROW_MAJOR);
    KernelSpec spec =
        new KernelSpec.QuantizeRows(
            x.desc(),
            TensorDesc.dynamic(DataType.U8, shape),
            TensorDesc.plain(DataType.F32, ranges),
            TensorDesc.plain(DataType.U8, ranges));
    Explanation.Row row = draft.explanation().of(node, spec, true, Tail.nothing(node), Reason.NONE);
    List<Repr> made = draft.step(node.name(), spec, List.of(x), row);
    for (int i = 0; i < made.size(); i++) {
      Repr repr = made.get(i);
      draft.values.put(node.outputs().get(i), new Repr(repr.buffer(), repr.desc().asPlain()));
    }
    return true;
  }

  /// Whether layers alone read what the node makes.
  private boolean isHidden(Node node) {
    Graph graph = scope.graph();
    return node.outputs().stream()
        .allMatch(
            value ->
                !graph.isOutput(value)
                    && graph.consumers(value).stream()
                        .allMatch(n -> QdqNodes.isDequantize(n) && isTaken(n)));
  }

  /// Lowers a layer on such data; false where it is none, or no engine sums: then its data are
  /// reals.
  boolean lower(LayerNode core, LayerForms forms, Draft draft) {
    Node dequantize = scope.graph().producer(core.data());
    if (!QdqNodes.isDequantize(dequantize) || !isTaken(dequantize)) {
      return false;
    }
    boolean accepted = sums(forms.withAdd(core), dequantize.inputs(), draft);
    if (!accepted && !draft.values.has(core.data())) {
      reals(dequantize, draft);
    }
    return accepted;
  }

  private boolean sums(LayerNode layer, List<String> data, Draft draft) {
    Optional<Shifted> shifted = weights(layer);
    if (shifted.isEmpty()) {
      return false;
    }
    Weights weights = shifted.get().weights();
    try (Draft attempt = draft.draft()) {
      Repr q = attempt.values.original(data.get(0));
      TensorDesc x = Product.asMatrix(q.desc());
      Shape matrix = Shape.of(x.shape().size(0), weights.channels());
      KernelSpec sums =
          new KernelSpec.Linear(
              TensorDesc.quantized(Layout.ROW_MAJOR, x.shape(), AS_THEY_LIE),
              TensorDesc.accumulators(Layout.ROW_MAJOR, matrix),
              new Weights(weights.values(), weights.scales(), new float[0]),
              PostOps.NONE);
      if (attempt.refusal(sums) != null) {
        return false;
      }
      Tail tail = curved(tail(layer, attempt), sums.y(), shifted.get(), data, attempt);
      Tail whole = layer.last() == layer.core() ? tail : tail.behindFused(layer.last());
      Repr acc = attempt.serve(layer.core(), sums, List.of(q), whole, Reason.NONE);
      scale(layer, acc, shifted.get(), tail, data, attempt);
      attempt.commit();
      return true;
    }
  }

  /// Of another shape, a residual is no residual.
  private Tail tail(LayerNode layer, Draft attempt) {
    Tail.Wish most = new Tail.Wish(v -> lowering.available(v, attempt), true, false, false);
    Tail full = Tail.behind(scope.graph(), layer.last(), most);
    boolean fits =
        !full.hasResidual()
            || scope.shape(full.residual()).equals(scope.shape(layer.last().output()));
    return fits ? full : Tail.behind(scope.graph(), layer.last(), Tail.Wish.CLAMP);
  }

  /// With the function behind, where the sums' scaling takes it in.
  private Tail curved(Tail tail, TensorDesc acc, Shifted by, List<String> data, Draft attempt) {
    Node next = scope.graph().soleReader(tail.output());
    if (next == null || !tail.fused().isEmpty() || !(next.op() instanceof Unary function)) {
      return tail;
    }
    Tail longer = tail.then(next, function);
    List<TensorDesc> given = operands(by, data, attempt.values).stream().map(Repr::desc).toList();
    KernelSpec asked = scaling(by, acc, given, longer.post());
    return attempt.refusal(asked) == null ? longer : tail;
  }

  /// Scale and zero point of the data, and the data themselves where they are needed once more.
  private static List<Repr> operands(Shifted by, List<String> data, Values values) {
    List<Repr> operands = new ArrayList<>();
    operands.add(values.original(data.get(1)));
    operands.add(values.original(data.get(2)));
    if (by.zeros().length > 0) {
      operands.add(values.original(data.get(0)));
    }
    return operands;
  }

  private static KernelSpec.ScaleSums scaling(
      Shifted by, TensorDesc acc, List<TensorDesc> given, PostOps post) {
    return new KernelSpec.ScaleSums(
        acc,
        given.get(0),
        given.get(1),
        given.size() > 2 ? Product.asMatrix(given.get(2)) : null,
        TensorDesc.f32(Layout.ROW_MAJOR, acc.shape()),
        by.weights(),
        by.zeros(),
        post);
  }

  private void scale(
      LayerNode layer, Repr acc, Shifted by, Tail tail, List<String> data, Draft attempt) {
    List<Repr> operands = operands(by, data, attempt.values);
    List<Repr> from = new ArrayList<>(List.of(acc));
    from.addAll(operands);
    PostOps post = tail.post();
    if (tail.hasResidual()) {
      Repr residual = attempt.values.f32(tail.residual(), Layout.ROW_MAJOR);
      from.add(residual);
      post = post.withResidual(residual.desc().sized(acc.desc().shape()));
    }
    List<TensorDesc> given = operands.stream().map(Repr::desc).toList();
    KernelSpec spec = scaling(by, acc.desc(), given, post);
    Repr y = attempt.step(layer.core().name(), spec, from, null).getFirst();
    TensorDesc logical = y.desc().sized(scope.shape(tail.output()));
    attempt.values.put(tail.output(), new Repr(y.buffer(), logical));
  }

  /// What the passed over DequantizeLinear would have made.
  private void reals(Node dequantize, Draft draft) {
    Repr q = draft.values.original(dequantize.input(0));
    Repr scale = draft.values.original(dequantize.input(1));
    Repr zero = draft.values.original(dequantize.input(2));
    Shape shape = q.desc().shape();
    Shape matrix = Product.asMatrix(q.desc()).shape();
    KernelSpec spec =
        new KernelSpec.RuntimeQuantize(
            TensorDesc.dynamic(DataType.U8, matrix),
            scale.desc(),
            zero.desc(),
            TensorDesc.f32(Layout.ROW_MAJOR, matrix),
            0);
    Explanation.Row row =
        draft.explanation().of(dequantize, spec, Tail.nothing(dequantize), Reason.NOT_QUANTIZED);
    Repr y = draft.step(dequantize.name(), spec, List.of(q, scale, zero), row).getFirst();
    draft.values.put(dequantize.output(), new Repr(y.buffer(), y.desc().sized(shape)));
  }
}
