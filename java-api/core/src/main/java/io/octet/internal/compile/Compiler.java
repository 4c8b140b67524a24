package io.octet.internal.compile;

import io.octet.graph.Graph;
import io.octet.graph.ShapeInference;
import io.octet.graph.op.ValueInfo;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.lower.CompileContext;
import io.octet.internal.lower.CompileOptions;
import io.octet.internal.lower.GraphFacts;
import io.octet.internal.lower.LayerChoice;
import io.octet.internal.lower.LayerWeights;
import io.octet.internal.lower.Lowering;
import io.octet.internal.lower.Measuring;
import io.octet.internal.lower.PlanBuilder;
import io.octet.internal.lower.Repr;
import io.octet.internal.plan.Buffer;
import io.octet.internal.plan.Plan;
import io.octet.internal.select.Registry;
import io.octet.internal.tune.Stopwatch;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Turns a graph into plans, one for each set of concrete input shapes, over weights that are
/// prepared once. Thread-safe.
public final class Compiler {
  private final Graph graph;
  private final CompileContext context;
  private final Stopwatch stopwatch;

  /// A compiler to int8 wherever a backend runs it.
  ///
  /// @param graph prepared: constants, BatchNorm, Identity and Dropout folded
  public Compiler(Graph graph, Registry registry, KernelContext context, CompileOptions options) {
    LayerWeights weights = new LayerWeights(graph, context.packed());
    GraphFacts facts = new GraphFacts(graph);
    KernelContext own = new KernelContext(context.threads(), context.packed(), options.exact());
    this(graph, new CompileContext(facts, weights, registry, own, options, LayerChoice.INT8), null);
  }

  private Compiler(Graph graph, CompileContext context, Stopwatch stopwatch) {
    this.graph = graph;
    this.context = context;
    this.stopwatch = stopwatch;
  }

  /// A compiler that gives a layer which could run in int8 to FP32 where that is faster on this
  /// machine.
  ///
  /// @param other {@link Stopwatch#REAL}, but for tests
  public Compiler measuring(Stopwatch other) {
    return new Compiler(graph, context, other);
  }

  /// Compiles for inputs of the given shapes, by name; every input must be concrete then.
  public Plan compile(Map<String, Shape> shapes) {
    Map<String, ValueInfo> infos = ShapeInference.infer(graph, shapes);
    if (stopwatch == null) {
      return compile(infos, context);
    }
    Measuring measuring = new Measuring(with -> compile(infos, with), context, stopwatch);
    return compile(infos, context.choosing(measuring.decide()));
  }

  private Plan compile(Map<String, ValueInfo> infos, CompileContext with) {
    try (PlanBuilder plan = new PlanBuilder(graph, infos, with)) {
      List<Plan.Port> inputs = lower(plan, infos);
      return plan.plan(inputs, outputs(plan, infos));
    }
  }

  /// Lowers all nodes and returns the inputs.
  private List<Plan.Port> lower(PlanBuilder plan, Map<String, ValueInfo> infos) {
    List<Plan.Port> inputs = new ArrayList<>();
    for (ValueInfo input : graph.inputs()) {
      ValueInfo info = infos.get(input.name());
      requireSize(info);
      TensorDesc activation = TensorDesc.plain(info.type(), info.shape());
      int buffer = plan.add(Buffer.input(Buffer.Kind.INPUT, activation.bytes()));
      plan.values.put(info.name(), new Repr(buffer, activation));
      inputs.add(new Plan.Port(info, buffer));
    }
    new Lowering(plan).run();
    return inputs;
  }

  private List<Plan.Port> outputs(PlanBuilder plan, Map<String, ValueInfo> infos) {
    List<Plan.Port> outputs = new ArrayList<>();
    for (ValueInfo output : graph.outputs()) {
      ValueInfo info = infos.get(output.name());
      Repr repr =
          info.type() == DataType.F32
              ? plan.values.f32(info.name(), Layout.ROW_MAJOR)
              : plan.values.rowMajor(info.name());
      outputs.add(new Plan.Port(info, repr.buffer()));
    }
    return outputs;
  }

  private static void requireSize(ValueInfo input) {
    if (!input.shape().isConcrete() || input.shape().elements() == 0) {
      throw new IllegalArgumentException(
          "input \""
              + input.name()
              + "\" needs a concrete shape with at least one element, but is "
              + input.shape());
    }
  }
}
