package io.octet.internal.compile;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.Op;
import io.octet.internal.compile.PlanBuilder.Reason;
import io.octet.internal.kernel.Activation;
import io.octet.internal.kernel.Kernel;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.RefusalCode;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// Walks a graph in order and lowers each node to steps, or to a view where no byte has to move. A
/// DequantizeLinear is lazy: its output stays the int8 buffer until somebody needs floats.
final class Lowering {
  private final PlanBuilder plan;
  private final Graph graph;
  private final Values values;
  private final LayerLowering layers;
  private final FloatLowering floats;
  private final PoolLowering pools;

  Lowering(PlanBuilder plan) {
    this.plan = plan;
    this.graph = plan.graph;
    this.values = plan.values;
    this.layers = new LayerLowering(plan, this);
    this.floats = new FloatLowering(plan, this);
    this.pools = new PoolLowering(plan);
  }

  void run() {
    graph.nodes().forEach(this::lower);
  }

  /// Whether `value` lies ready, or does once the Q and DQ nodes that make it are lowered: they
  /// are.
  boolean available(String value) {
    if (values.has(value)) {
      return true;
    }
    Node producer = graph.producer(value);
    boolean reachable =
        (QdqNodes.isQuantize(producer) || QdqNodes.isDequantize(producer))
            && !plan.isDone(producer)
            && producer.inputs().stream().allMatch(v -> v.isEmpty() || available(v));
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
      case Op.Conv c -> layers.lower(node);
      case Op.QuantizeLinear q -> quantize(node, q);
      case Op.DequantizeLinear d -> dequantize(node, d);
      case Op.Identity i -> view(node);
      case Op.Dropout d -> view(node);
      case Op.Flatten f -> reshape(node);
      case Op.Reshape r -> reshape(node);
      case Op.Transpose t -> transpose(node, t);
      case Op.Concat c -> concat(node, c);
      case Op.MaxPool p -> pools.lower(node);
      case Op.AveragePool p -> pools.lower(node);
      case Op.GlobalAveragePool p -> pools.lower(node);
      case Op.Gemm g -> floats.gemm(node, g);
      case Op.MatMul m -> floats.matMul(node);
      case Op.BatchNormalization b -> floats.batchNorm(node, b);
      case Op.Softmax s -> floats.softmax(node, s);
      case Op.Add a -> floats.binary(node, KernelSpec.BinaryFunction.ADD);
      case Op.Mul m -> floats.binary(node, KernelSpec.BinaryFunction.MUL);
      case Op.Relu r -> floats.unary(node);
      case Op.Clip c -> floats.unary(node);
      case Op.LeakyRelu l -> floats.unary(node);
      case Op.Sigmoid s -> floats.unary(node);
      case Op.HardSigmoid h -> floats.unary(node);
      case Op.HardSwish h -> floats.unary(node);
      case Op.Tanh t -> floats.unary(node);
    }
  }

  private void quantize(Node node, Op.QuantizeLinear op) {
    Repr x = values.original(node.input(0));
    QuantParams quant = QdqNodes.params(graph, node, op.type());
    if (quant == null || x.activation().type() == DataType.S32) {
      runtimeQuantize(node, op.type(), op.axis());
      return;
    }
    if (quant.equals(x.activation().quant())) {
      values.put(node.output(), x);
      plan.reportView(node, x.activation());
      return;
    }
    Layout layout = x.activation().layout();
    if (!plan.options.literal() && wantsImage(node.output())) {
      layout = Layout.NHWC;
    }
    if (x.image() != null && quant.isPerTensor()) {
      // Elementwise: the order of a permuted flattening does not matter, and is kept.
      Repr flat = new Repr(x.buffer(), x.activation());
      Repr made = convert(node, flat, Layout.ROW_MAJOR, quant);
      values.put(node.output(), new Repr(made.buffer(), made.activation(), x.image()));
      return;
    }
    values.put(node.output(), convert(node, x, layout, quant));
  }

  private Repr convert(Node node, Repr x, Layout layout, QuantParams quant) {
    int before = plan.steps().size();
    Repr made = values.convert(node.name(), x, layout, quant, false);
    Step step = plan.steps().get(before);
    Tail nothing = Tail.behind(graph, node, Tail.Wish.NOTHING);
    plan.report(
        node,
        step.kernel(),
        new KernelSpec.Convert(
            x.activation().in(x.activation().layout()),
            new Activation(
                made.activation().type(),
                made.activation().layout(),
                x.activation().shape(),
                made.activation().quant())),
        nothing,
        Reason.NONE);
    return made;
  }

  private void dequantize(Node node, Op.DequantizeLinear op) {
    if (Constants.quantized(graph, node.output()) != null) {
      return;
    }
    Repr q = values.original(node.input(0));
    QuantParams quant =
        q.activation().isInt8() ? QdqNodes.params(graph, node, q.activation().type()) : null;
    if (quant == null) {
      runtimeQuantize(node, DataType.F32, op.axis());
      return;
    }
    Activation meant =
        new Activation(
            q.activation().type(), q.activation().layout(), q.activation().shape(), quant);
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
    Activation y =
        quantizes
            ? Activation.quantized(Layout.ROW_MAJOR, shape, QuantParams.perTensor(to, 1, 0))
            : Activation.f32(Layout.ROW_MAJOR, shape);
    int positive = axis < 0 ? axis + shape.rank() : axis;
    KernelSpec spec =
        new KernelSpec.RuntimeQuantize(
            x.activation(),
            scale.activation(),
            zero == null ? null : zero.activation(),
            y,
            positive);
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

  private void view(Node node) {
    Repr x = values.original(node.input(0));
    values.put(node.output(), x);
    plan.reportView(node, x.activation());
  }

  private void reshape(Node node) {
    Repr x = values.original(node.input(0));
    Shape from = x.activation().shape();
    Shape to = plan.shape(node.output());
    boolean flattens =
        to.rank() == 2 && from.rank() == 4 && to.size(0) == from.size(0) && !plan.options.literal();
    Repr made;
    if (x.liesIn(Layout.ROW_MAJOR)) {
      made = new Repr(x.buffer(), reshaped(x.activation(), to));
    } else if (x.image() == null && flattens) {
      Shape image = Shape.of(from.size(1), from.size(2), from.size(3));
      made = new Repr(x.buffer(), reshaped(x.activation(), to), image);
    } else if (x.image() != null && to.equals(from)) {
      made = x;
    } else {
      Repr rows = values.rowMajor(node.input(0));
      made = new Repr(rows.buffer(), reshaped(rows.activation(), to));
    }
    values.put(node.output(), made);
    plan.reportView(node, made.activation());
  }

  private static Activation reshaped(Activation a, Shape to) {
    return new Activation(a.type(), Layout.ROW_MAJOR, to, a.quant());
  }

  private void transpose(Node node, Op.Transpose op) {
    Repr x = values.rowMajor(node.input(0));
    if (x.activation().isInt8() && !x.activation().quant().isPerTensor()) {
      x = values.f32(node.input(0), Layout.ROW_MAJOR);
    }
    Activation from = x.activation();
    List<Integer> perm = op.perm();
    if (perm.isEmpty()) {
      List<Integer> reversed = new ArrayList<>();
      for (int i = from.shape().rank() - 1; i >= 0; i--) {
        reversed.add(i);
      }
      perm = reversed;
    }
    Activation to = reshaped(from, plan.shape(node.output()));
    emit(
        node,
        new KernelSpec.Transpose(from, to, perm),
        List.of(x.buffer()),
        Tail.behind(graph, node, Tail.Wish.NOTHING),
        Reason.NOT_QUANTIZED);
  }

  private void concat(Node node, Op.Concat op) {
    Tail tail =
        Tail.behind(graph, node, plan.options.literal() ? Tail.Wish.NOTHING : Tail.Wish.QUANTIZE);
    QuantParams quant = tail.quant() != null ? tail.quant() : commonParams(node);
    Shape shape = plan.shape(node.output());
    boolean image =
        shape.rank() == 4 && values.original(node.input(0)).activation().layout() == Layout.NHWC;
    Layout layout = image ? Layout.NHWC : Layout.ROW_MAJOR;
    List<Activation> xs = new ArrayList<>();
    List<Integer> inputs = new ArrayList<>();
    for (String input : node.inputs()) {
      Repr x = values.in(input, layout, quant, false);
      xs.add(x.activation());
      inputs.add(x.buffer());
    }
    DataType type = quant != null ? quant.type() : xs.getFirst().type();
    Activation y = new Activation(type, layout, shape, quant);
    int axis = op.axis() < 0 ? op.axis() + shape.rank() : op.axis();
    boolean quantized =
        !plan.options.literal()
            && node.inputs().stream().allMatch(input -> values.int8(input) != null);
    Reason reason =
        quantized
            ? Reason.fallback(
                RefusalCode.MISSING_RANGE, "its inputs share no scale, and its output has none")
            : Reason.NOT_QUANTIZED;
    emit(node, new KernelSpec.Concat(xs, y, axis), inputs, tail, reason);
  }

  /// The parameters of all inputs, if they are int8 with the same ones.
  private QuantParams commonParams(Node node) {
    QuantParams common = null;
    for (String input : node.inputs()) {
      Repr x = plan.options.literal() ? null : values.int8(input);
      if (x == null || common != null && !common.equals(x.activation().quant())) {
        return null;
      }
      common = x.activation().quant();
    }
    return common;
  }

  /// Whether some reader of `value`, behind nodes that keep the layout, works on images.
  private boolean wantsImage(String value) {
    for (Node reader : graph.consumers(value)) {
      boolean wants =
          switch (reader.op()) {
            case Op.Conv c -> true;
            case Op.MaxPool p -> true;
            case Op.AveragePool p -> true;
            case Op.GlobalAveragePool p -> true;
            case Op.DequantizeLinear d -> wantsImage(reader.output());
            case Op.QuantizeLinear q -> wantsImage(reader.output());
            case Op.Relu r -> wantsImage(reader.output());
            case Op.Clip c -> wantsImage(reader.output());
            case Op.Add a -> wantsImage(reader.output());
            case Op.Concat c -> wantsImage(reader.output());
            case Op.Identity i -> wantsImage(reader.output());
            default -> false;
          };
      if (wants) {
        return true;
      }
    }
    return false;
  }
}
