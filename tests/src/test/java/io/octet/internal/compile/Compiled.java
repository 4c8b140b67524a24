package io.octet.internal.compile;

import io.octet.graph.Graph;
import io.octet.graph.op.ValueInfo;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.WeightsCache;
import io.octet.internal.lower.CompileOptions;
import io.octet.internal.plan.ConstantStore;
import io.octet.internal.plan.NodePlan;
import io.octet.internal.plan.Plan;
import io.octet.internal.plan.UnreadSteps;
import io.octet.internal.plan.Workspace;
import io.octet.internal.select.Backends;
import io.octet.internal.select.Registry;
import io.octet.internal.tune.Stopwatch;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A graph compiled for one backend and concrete inputs: what became of each node, and its answers.
public final class Compiled implements AutoCloseable {
  private final WeightsCache packed = new WeightsCache();
  private final ConstantStore constants = new ConstantStore(packed);
  private final Plan plan;
  private final Workspace workspace;

  /// @param backend asked first; the production backends follow
  public Compiled(Graph graph, String backend, CompileOptions options, Map<String, Tensor> inputs) {
    this(graph, Backends.preferring(List.of(backend)), options, inputs);
  }

  /// For other backends than this build's.
  public Compiled(
      Graph graph, Registry registry, CompileOptions options, Map<String, Tensor> inputs) {
    this(graph, registry, options, null, inputs);
  }

  /// @param stopwatch decides between int8 and FP32; null for int8 wherever that can be
  public Compiled(
      Graph graph,
      Registry registry,
      CompileOptions options,
      Stopwatch stopwatch,
      Map<String, Tensor> inputs) {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    inputs.forEach((name, tensor) -> shapes.put(name, tensor.shape()));
    Compiler int8 = new Compiler(graph, registry, new KernelContext(1, packed), constants, options);
    Compiler compiler = stopwatch == null ? int8 : int8.measuring(stopwatch);
    plan = compiler.compile(shapes);
    workspace = plan.newWorkspace();
  }

  /// The answers of a graph compiled for this alone.
  public static Map<String, Tensor> run(
      Graph graph, String backend, CompileOptions options, Map<String, Tensor> inputs) {
    try (Compiled compiled = new Compiled(graph, backend, options, inputs)) {
      return compiled.run(inputs);
    }
  }

  /// The row of the node called `name`; null where it has none of its own.
  NodePlan row(String name) {
    return plan.rows().stream().filter(r -> r.name().equals(name)).findFirst().orElse(null);
  }

  /// The steps that make what nobody reads.
  List<String> unread() {
    return UnreadSteps.of(plan);
  }

  /// How many forms of weights are packed.
  int packedForms() {
    return packed.size();
  }

  List<NodePlan> rows() {
    return plan.rows();
  }

  /// Names of the nodes that each step serves, in order; a copy has its reader's.
  List<String> labels() {
    return plan.labels();
  }

  /// All outputs by name, copied.
  public Map<String, Tensor> run(Map<String, Tensor> inputs) {
    for (int i = 0; i < plan.inputs().size(); i++) {
      workspace.input(i).copyFrom(inputs.get(plan.inputs().get(i).info().name()).data());
    }
    workspace.run();
    Map<String, Tensor> outputs = new LinkedHashMap<>();
    for (int i = 0; i < plan.outputs().size(); i++) {
      ValueInfo info = plan.outputs().get(i).info();
      byte[] copy = workspace.output(i).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
      outputs.put(info.name(), Tensor.wrap(info.type(), info.shape(), MemorySegment.ofArray(copy)));
    }
    return outputs;
  }

  @Override
  public void close() {
    workspace.close();
    plan.retire();
    constants.close();
  }
}
