package io.octet.internal.lower;

import io.octet.OctetException.InvalidModel;
import io.octet.OctetException.Unsupported;
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
import io.octet.graph.op.ValueInfo;
import io.octet.internal.compile.Compiler;
import io.octet.internal.kernel.Kernel;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.RefusalCode;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.pass.Constants;
import io.octet.internal.pass.QdqNodes;
import io.octet.internal.plan.Buffer;
import io.octet.internal.plan.NodePlan;
import io.octet.internal.plan.Plan;
import io.octet.internal.plan.Step;
import io.octet.internal.select.Registry;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/// What grows while a graph is lowered: buffers, steps, and the row of each node in the
/// explanation. Owns the kernels until {@link Compiler} hands them to a plan.
public final class PlanBuilder implements AutoCloseable {
  final Graph graph;
  final CompileOptions options;
  final GraphFacts facts;
  final LayerWeights weights;
  final LayerChoice choice;
  public final Values values;
  private final Map<String, ValueInfo> infos;
  private final CompileContext context;
  private final List<Buffer> buffers = new ArrayList<>();
  private final List<Step> steps = new ArrayList<>();
  private final List<NodePlan> rows = new ArrayList<>();
  private final Set<String> done = new HashSet<>(); // names: a node's hash takes all its inputs
  private final Map<Kernel, List<Registry.Refusal>> passedOver = new IdentityHashMap<>();

  public PlanBuilder(Graph graph, Map<String, ValueInfo> infos, CompileContext context) {
    this(graph, infos, context, null);
  }

  private PlanBuilder(
      Graph graph, Map<String, ValueInfo> infos, CompileContext context, Values outer) {
    this.graph = graph;
    this.infos = infos;
    this.context = context;
    this.options = context.options();
    this.facts = context.facts();
    this.weights = context.weights();
    this.choice = context.choice();
    this.values = new Values(this, outer);
  }

  /// A builder for a part of the same graph: what lies ready here is an input there.
  PlanBuilder trial(LayerChoice other) {
    return new PlanBuilder(graph, infos, context.choosing(other), values);
  }

  /// The plan of all steps so far; their kernels are its own from now on.
  public Plan plan(List<Plan.Port> inputs, List<Plan.Port> outputs) {
    Plan made = new Plan(inputs, outputs, buffers, steps, rows, context.kernels().packed());
    steps.clear();
    return made;
  }

  List<Buffer> buffers() {
    return buffers;
  }

  List<Step> steps() {
    return steps;
  }

  List<NodePlan> rows() {
    return rows;
  }

  /// The inferred type and concrete shape of a value.
  ValueInfo info(String value) {
    ValueInfo info = infos.get(value);
    if (info == null) {
      throw new InvalidModel("value \"" + value + "\" has no inferred shape");
    }
    return info;
  }

  Shape shape(String value) {
    return info(value).shape();
  }

  public int add(Buffer buffer) {
    buffers.add(buffer);
    return buffers.size() - 1;
  }

  /// A fresh buffer for `activation`.
  Repr fresh(TensorDesc activation) {
    return new Repr(add(Buffer.value(activation.bytes())), activation);
  }

  /// A constant of the graph, or of {@link #derived}, row-major: all plans share it.
  Repr constant(Tensor tensor) {
    return constant(tensor, true);
  }

  /// A constant that this plan alone has, row-major.
  Repr own(Tensor tensor) {
    return constant(tensor, false);
  }

  private Repr constant(Tensor tensor, boolean shared) {
    int buffer = add(Buffer.constant(tensor, shared));
    return new Repr(buffer, TensorDesc.plain(tensor.type(), tensor.shape()));
  }

  /// A constant of all plans in another form, made for the first of them.
  ///
  /// @param form names it; compared by equality
  Tensor derived(Tensor constant, Object form, UnaryOperator<Tensor> make) {
    return context.kernels().packed().derived(constant, form, make);
  }

  Registry.Selection ask(KernelSpec spec) {
    Registry.Selection selection = context.registry().select(spec, context.kernels());
    if (selection.kernel() != null) {
      passedOver.put(selection.kernel(), selection.refusals());
    }
    return selection;
  }

  /// The first backend's kernel for `spec`.
  ///
  /// @throws Unsupported with every refusal, where there is none
  Kernel demand(String label, KernelSpec spec) {
    Registry.Selection selection = ask(spec);
    if (selection.kernel() == null) {
      throw new Unsupported(
          "\""
              + label
              + "\" needs "
              + spec.describe()
              + ", which no backend runs: "
              + refusals(selection));
    }
    return selection.kernel();
  }

  public static String refusals(Registry.Selection selection) {
    return selection.refusals().stream()
        .map(r -> r.backend() + ": " + r.detail())
        .collect(Collectors.joining("; "));
  }

  void step(String label, Kernel kernel, List<Integer> inputs, int output) {
    steps.add(new Step(label, kernel, inputs, output));
  }

  /// Marks nodes as lowered: they run inside another's kernel, or are plain views.
  void done(List<Node> nodes) {
    nodes.forEach(n -> done.add(n.name()));
  }

  boolean isDone(Node node) {
    return done.contains(node.name());
  }

  /// Reports a node that a kernel computes, with what that kernel fused.
  void report(Node node, Kernel kernel, KernelSpec spec, Tail tail, Reason reason) {
    // Q and DQ are the edges of the int8 part: they belong to it.
    boolean edge =
        spec instanceof KernelSpec.Convert(TensorDesc x, TensorDesc y)
            && (x.type().isInt8() || y.type().isInt8());
    boolean int8 = spec.isInt8() || edge;
    Reason why = int8 ? Reason.NONE : told(node, reason);
    rows.add(
        new NodePlan(
            node.name(),
            node.op().name(),
            kernel.backend(),
            kernel.implementation(),
            int8,
            types(spec),
            tail.names(tail.fused()),
            tail.names(tail.elided()),
            why.code(),
            why.detail(),
            !int8 && isQuantized(node) && why.code() != RefusalCode.SLOWER_THAN_FP32,
            passedOver(kernel)));
  }

  /// Whether the graph means `node` to run in int8: its operator has int8 kernels, and its data
  /// come out of DequantizeLinear. Such a node in FP32 is a fallback.
  boolean isQuantized(Node node) {
    if (options.literal()) {
      return false;
    }
    return switch (node.op()) {
      case Convolution.Conv _,
          Pooling.MaxPool _,
          Pooling.AveragePool _,
          Pooling.GlobalAveragePool _,
          Unary.Relu _,
          Unary.Clip _,
          Unary.LeakyRelu _,
          Unary.Sigmoid _,
          Unary.HardSigmoid _,
          Unary.HardSwish _,
          Unary.Tanh _,
          Movement.Flatten _,
          Movement.Reshape _,
          Movement.Transpose _,
          Movement.Identity _,
          Movement.Dropout _ ->
          isDequantized(node.input(0));
      case Product.Gemm _, Product.MatMul _ -> isQuantizedProduct(node);
      case Binary.Add _, Binary.Mul _, Movement.Concat _ ->
          node.inputs().stream().allMatch(this::isDequantized);
      case Normalization.BatchNormalization _, Normalization.Softmax _ -> false; // no int8 kernels
      case Quantization.QuantizeLinear _, Quantization.DequantizeLinear _ ->
          false; // the edges themselves
    };
  }

  /// Constant weights are no data: a layer that reads int8 and has float weights is a fallback.
  private boolean isQuantizedProduct(Node node) {
    return isDequantized(node.input(0))
        && (Constants.isKnown(graph, node.input(1)) || isDequantized(node.input(1)));
  }

  /// Whether a value comes out of DequantizeLinear, directly or through what left it in int8.
  private boolean isDequantized(String value) {
    return QdqNodes.isDequantize(graph.producer(value)) || values.int8(value) != null;
  }

  /// A fallback is never "not quantized": that would say that the graph wanted it so.
  private Reason told(Node node, Reason reason) {
    return reason.code() == RefusalCode.NOT_QUANTIZED && isQuantized(node)
        ? new Reason(
            RefusalCode.UNSUPPORTED_ATTRIBUTE,
            "no int8 kernel takes this form of " + node.op().name())
        : reason;
  }

  private List<String> passedOver(Kernel kernel) {
    return passedOver.getOrDefault(kernel, List.of()).stream()
        .map(Registry.Refusal::toString)
        .toList();
  }

  /// Reports a node whose output is its input's memory under another shape or meaning.
  void reportView(Node node, TensorDesc activation) {
    rows.add(
        new NodePlan(
            node.name(),
            node.op().name(),
            "jvm",
            "view",
            activation.type().isInt8(),
            activation.toString(),
            List.of(),
            List.of(),
            activation.type().isInt8() ? null : RefusalCode.NOT_QUANTIZED,
            activation.type().isInt8() ? "" : "moves no data",
            false,
            List.of()));
  }

  /// Reports a change of layout or type between nodes: a "Reorder" that the graph does not name, or
  /// a DequantizeLinear that somebody wants as floats after all.
  void reportConversion(String label, String op, Kernel kernel, KernelSpec spec) {
    rows.add(
        new NodePlan(
            label,
            op,
            kernel.backend(),
            kernel.implementation(),
            spec.inputs().getFirst().type().isInt8() || spec.y().type().isInt8(),
            types(spec),
            List.of(),
            List.of(),
            null,
            "",
            false,
            passedOver(kernel)));
  }

  private static String types(KernelSpec spec) {
    return spec.inputs().stream().map(TensorDesc::toString).collect(Collectors.joining(", "))
        + " -> "
        + spec.y();
  }

  /// Frees the kernels of a lowering that did not become a plan.
  @Override
  public void close() {
    steps.forEach(s -> s.kernel().close());
    steps.clear();
  }

  /// Why a node runs in FP32.
  record Reason(RefusalCode code, String detail) {
    static final Reason NONE = new Reason(null, "");
    static final Reason NOT_QUANTIZED =
        new Reason(RefusalCode.NOT_QUANTIZED, "the graph leaves this node in float");

    /// The refusals of an int8 kernel; the most telling one's code stands for all.
    static Reason of(Registry.Selection selection) {
      return new Reason(selection.telling().code(), refusals(selection));
    }
  }
}
