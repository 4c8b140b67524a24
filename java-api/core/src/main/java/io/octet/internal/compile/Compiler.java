package io.octet.internal.compile;

import io.octet.graph.Graph;
import io.octet.graph.ShapeInference;
import io.octet.graph.op.ValueInfo;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.WeightsCache;
import io.octet.internal.lower.CompileContext;
import io.octet.internal.lower.CompileOptions;
import io.octet.internal.lower.GraphFacts;
import io.octet.internal.lower.LayerChoice;
import io.octet.internal.lower.LayerWeights;
import io.octet.internal.lower.Lowering;
import io.octet.internal.plan.ConstantStore;
import io.octet.internal.plan.Plan;
import io.octet.internal.select.KernelCache;
import io.octet.internal.select.Registry;
import io.octet.internal.tune.Stopwatch;
import io.octet.internal.tune.Tuner;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.Map;
import java.util.function.Function;

/// Turns a graph into plans, one for each set of concrete input shapes, over weights that are
/// prepared once. Thread-safe.
public final class Compiler {
  private final Graph graph;
  private final CompileContext context;
  private final Tuner tuner;

  /// A compiler to int8 wherever a backend runs it.
  ///
  /// @param graph prepared: constants, BatchNorm, Identity and Dropout folded
  /// @param constants those of all plans
  public Compiler(
      Graph graph,
      Registry registry,
      KernelContext context,
      ConstantStore constants,
      CompileOptions options) {
    LayerWeights weights = new LayerWeights(graph, constants);
    GraphFacts facts = new GraphFacts(graph);
    KernelContext own = new KernelContext(context.threads(), context.packed(), options.exact());
    CompileContext all =
        new CompileContext(
            facts,
            weights,
            constants,
            new KernelCache(registry, own),
            options,
            new LayerChoice.Int8());
    this(graph, all, null);
  }

  private Compiler(Graph graph, CompileContext context, Tuner tuner) {
    this.graph = graph;
    this.context = context;
    this.tuner = tuner;
  }

  /// A compiler that gives a layer which could run in int8 to FP32 where that is faster on this
  /// machine.
  ///
  /// @param stopwatch {@link Stopwatch#REAL}, but for tests
  public Compiler measuring(Stopwatch stopwatch) {
    return new Compiler(graph, context, new Tuner(stopwatch));
  }

  /// Compiles for inputs of the given shapes, by name; every input must be concrete then.
  public Plan compile(Map<String, Shape> shapes) {
    return compile(shapes, Map.of());
  }

  /// The same for inputs of which some hold what is known: shapes may hang on it.
  ///
  /// @param known tensors by the name of an input
  public Plan compile(Map<String, Shape> shapes, Map<String, Tensor> known) {
    Map<String, ValueInfo> infos = ShapeInference.infer(graph, shapes, known);
    graph.inputs().forEach(input -> requireSize(infos.get(input.name())));
    LayerChoice choice = tuner == null ? context.choice() : tuned(infos);
    return Lowering.plan(graph, infos, context.choosing(choice));
  }

  /// What the clock says. Nothing of the trials is kept, not even packed weights.
  private LayerChoice tuned(Map<String, ValueInfo> infos) {
    WeightsCache packed = new WeightsCache(context.constants().budget());
    try (ConstantStore constants = new ConstantStore(packed)) {
      CompileContext trial = context.trial(packed, constants);
      Function<LayerChoice, Plan> plan =
          choice -> Lowering.plan(graph, infos, trial.choosing(choice));
      return new LayerChoice.Told(
          tuner.slower(
              layers -> plan.apply(new LayerChoice.Raced(layers, tuner::race)),
              inFp32 -> plan.apply(new LayerChoice.Told(inFp32))));
    }
  }

  private static void requireSize(ValueInfo input) {
    if (!input.shape().isConcrete()) {
      throw new IllegalArgumentException(
          "input \"" + input.name() + "\" needs a concrete shape, but is " + input.shape());
    }
  }
}
