package io.octet.internal.lower;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Convolution;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Normalization;
import io.octet.graph.op.Pooling;
import io.octet.graph.op.Product;
import io.octet.graph.op.Quantization;
import io.octet.graph.op.Unary;
import io.octet.internal.kernel.Kernel;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.lower.PlanBuilder.Reason;
import io.octet.internal.pass.Constants;
import io.octet.internal.pass.QdqNodes;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// Walks a graph in order and lowers each node to steps, or to a view where no byte has to move. A
/// DequantizeLinear is lazy: its output stays the int8 buffer until somebody needs floats.
public final class Lowering {
  /// Q and DQ in a row that are lowered ahead of their turn.
  private static final int LONGEST_CHAIN = 8;

  private final PlanBuilder plan;
  private final Graph graph;
  private final Values values;
  private final LayerLowering layers;
  private final FloatLowering floats;
  private final PoolLowering pools;
  private final MovementLowering movements;

  public Lowering(PlanBuilder plan) {
    this.plan = plan;
    this.graph = plan.graph;
    this.values = plan.values;
    this.layers = new LayerLowering(plan, this);
    this.floats = new FloatLowering(plan, this);
    this.pools = new PoolLowering(plan);
    this.movements = new MovementLowering(plan, this);
  }

  public void run() {
    lower(graph.nodes());
  }

  /// Lowers those of the nodes, in the graph's order, that are not lowered yet.
  void lower(List<Node> nodes) {
    nodes.forEach(this::lower);
  }

  /// Whether `value` lies ready, or does once the Q and DQ nodes that make it are lowered: they
  /// are.
  boolean available(String value) {
    return available(value, LONGEST_CHAIN);
  }

  private boolean available(String value, int depth) {
    if (values.has(value)) {
      return true;
    }
    Node producer = graph.producer(value);
    boolean reachable =
        depth > 0
            && (QdqNodes.isQuantize(producer) || QdqNodes.isDequantize(producer))
            && !plan.isDone(producer)
            && producer.inputs().stream().allMatch(v -> v.isEmpty() || available(v, depth - 1));
    if (reachable) {
      lower(producer);
    }
    return values.has(value);
  }

  private void lower(Node node) {
    if (plan.isDone(node)) {
      return;
    }
    plan.done(List.of(node));
    if (LayerWeights.isLayer(graph, node)) {
      layers.lower(node);
      return;
    }
    switch (node.op()) {
      case Convolution.Conv c -> layers.lower(node);
      case Quantization.QuantizeLinear q -> quantize(node, q);
      case Quantization.DequantizeLinear d -> dequantize(node, d);
      case Movement.Identity i -> movements.view(node);
      case Movement.Dropout d -> movements.view(node);
      case Movement.Flatten f -> movements.reshape(node);
      case Movement.Reshape r -> movements.reshape(node);
      case Movement.Transpose t -> movements.transpose(node, t);
      case Movement.Concat c -> movements.concat(node, c);
      case Pooling.MaxPool p -> pools.lower(node);
      case Pooling.AveragePool p -> pools.lower(node);
      case Pooling.GlobalAveragePool p -> pools.lower(node);
      case Product.Gemm g -> floats.gemm(node, g);
      case Product.MatMul m -> floats.matMul(node);
      case Normalization.BatchNormalization b -> floats.batchNorm(node, b);
      case Normalization.Softmax s -> floats.softmax(node, s);
      case Binary.Add a -> floats.binary(node, KernelSpec.BinaryFunction.ADD);
      case Binary.Mul m -> floats.binary(node, KernelSpec.BinaryFunction.MUL);
      case Unary.Relu r -> floats.unary(node);
      case Unary.Clip c -> floats.unary(node);
      case Unary.LeakyRelu l -> floats.unary(node);
      case Unary.Sigmoid s -> floats.unary(node);
      case Unary.HardSigmoid h -> floats.unary(node);
      case Unary.HardSwish h -> floats.unary(node);
      case Unary.Tanh t -> floats.unary(node);
    }
  }

  private void quantize(Node node, Quantization.QuantizeLinear op) {
    Repr x = values.original(node.input(0));
    QuantParams quant = QdqNodes.params(graph, node, op.type());
    if (quant == null || x.desc().type() == DataType.S32) {
      runtimeQuantize(node, op.type(), op.axis());
      return;
    }
    if (quant.equals(x.desc().quant())) {
      values.put(node.output(), x);
      plan.reportView(node, x.desc());
      return;
    }
    if (!quant.isPerTensor()) {
      Repr rows = values.in(node.input(0), Layout.ROW_MAJOR, x.desc().quant(), false);
      Repr made = convert(node, rows, Layout.ROW_MAJOR, quant);
      values.put(
          node.output(), new Repr(made.buffer(), TensorDesc.plain(quant.type(), x.desc().shape())));
      return;
    }
    Layout layout = x.desc().layout();
    if (!plan.options.literal() && x.desc().shape().rank() == 4 && plan.facts.feedsImages(node)) {
      layout = Layout.CHANNELS_LAST;
    }
    if (x.image() != null) {
      // Elementwise: the order of a permuted flattening does not matter, and is kept.
      Repr flat = new Repr(x.buffer(), x.desc());
      Repr made = convert(node, flat, Layout.ROW_MAJOR, quant);
      values.put(node.output(), new Repr(made.buffer(), made.desc(), x.image()));
      return;
    }
    values.put(node.output(), convert(node, x, layout, quant));
  }

  private Repr convert(Node node, Repr x, Layout layout, QuantParams quant) {
    int before = plan.steps().size();
    Repr made = values.convert(node.name(), x, layout, quant, null);
    TensorDesc from = x.desc();
    TensorDesc to = made.desc();
    KernelSpec spec =
        new KernelSpec.Convert(
            from, new TensorDesc(to.type(), to.layout(), from.shape(), to.quant()));
    Tail nothing = Tail.behind(graph, node, Tail.Wish.NOTHING);
    plan.report(node, plan.steps().get(before).kernel(), spec, nothing, Reason.NONE);
    return made;
  }

  private void dequantize(Node node, Quantization.DequantizeLinear op) {
    if (Constants.quantized(graph, node.output()) != null) {
      return;
    }
    Repr q = values.original(node.input(0));
    QuantParams quant =
        q.desc().type().isInt8() ? QdqNodes.params(graph, node, q.desc().type()) : null;
    if (quant == null) {
      runtimeQuantize(node, DataType.F32, op.axis());
      return;
    }
    if (!quant.isPerTensor()) {
      Repr rows = values.rowMajor(node.input(0));
      Shape shape = rows.desc().shape();
      TensorDesc meant = TensorDesc.quantized(Layout.ROW_MAJOR, shape, quant);
      Repr x = new Repr(rows.buffer(), meant);
      values.put(node.output(), convert(node, x, Layout.ROW_MAJOR, null));
      return;
    }
    TensorDesc meant = new TensorDesc(q.desc().type(), q.desc().layout(), q.desc().shape(), quant);
    Repr lazy = new Repr(q.buffer(), meant, q.image());
    values.put(
        node.output(), plan.options.literal() ? convert(node, lazy, meant.layout(), null) : lazy);
  }

  private void runtimeQuantize(Node node, DataType to, int axis) {
    boolean quantizes = to != DataType.F32;
    Repr x =
        quantizes ? values.f32(node.input(0), Layout.ROW_MAJOR) : values.rowMajor(node.input(0));
    Repr scale = values.f32(node.input(1), Layout.ROW_MAJOR);
    Repr zero = node.hasInput(2) ? values.rowMajor(node.input(2)) : null;
    Shape shape = plan.shape(node.output());
    TensorDesc y =
        quantizes ? TensorDesc.dynamic(to, shape) : TensorDesc.f32(Layout.ROW_MAJOR, shape);
    TensorDesc from = quantizes ? x.desc() : TensorDesc.dynamic(x.desc().type(), x.desc().shape());
    int positive = axis < 0 ? axis + shape.rank() : axis;
    KernelSpec spec =
        new KernelSpec.RuntimeQuantize(
            from, scale.desc(), zero == null ? null : zero.desc(), y, positive);
    List<Integer> inputs = new ArrayList<>(List.of(x.buffer(), scale.buffer()));
    if (zero != null) {
      inputs.add(zero.buffer());
    }
    emit(node, spec, inputs, Tail.behind(graph, node, Tail.Wish.NOTHING), Reason.NOT_QUANTIZED);
  }

  /// A step for `node` that the first willing backend runs; its output is put under the tail's
  /// name.
  Repr emit(Node node, KernelSpec spec, List<Integer> inputs, Tail tail, Reason reason) {
    Kernel kernel = plan.demand(node.name(), spec);
    return emit(node, spec, kernel, inputs, tail, reason);
  }

  Repr emit(
      Node node, KernelSpec spec, Kernel kernel, List<Integer> inputs, Tail tail, Reason reason) {
    Repr y = plan.fresh(spec.y());
    plan.step(node.name(), kernel, inputs, y.buffer());
    plan.done(tail.fused());
    values.put(tail.output(), y);
    plan.report(node, kernel, spec, tail, reason);
    return y;
  }
}
