package io.octet.internal.compile;

import io.octet.graph.Graph;
import io.octet.graph.ShapeInference;
import io.octet.graph.ValueInfo;
import io.octet.internal.kernel.Activation;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.Registry;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Turns a graph into plans, one for each set of concrete input shapes, over weights that are
/// prepared once. Thread-safe.
public final class Compiler {
  private final Graph graph;
  private final Registry registry;
  private final KernelContext context;
  private final CompileOptions options;
  private final LayerWeights weights;

  /// @param graph prepared: constants, BatchNorm, Identity and Dropout folded
  public Compiler(Graph graph, Registry registry, KernelContext context, CompileOptions options) {
    this.graph = graph;
    this.registry = registry;
    this.context = context;
    this.options = options;
    this.weights = new LayerWeights(graph);
  }

  /// Compiles for inputs of the given shapes, by name; every input must be concrete then.
  public Plan compile(Map<String, Shape> shapes) {
    Map<String, ValueInfo> infos = ShapeInference.infer(graph, shapes);
    try (PlanBuilder plan = new PlanBuilder(graph, infos, weights, registry, context, options)) {
      List<Plan.Port> inputs = new ArrayList<>();
      for (ValueInfo input : graph.inputs()) {
        ValueInfo info = infos.get(input.name());
        requireSize(info);
        Activation activation = Activation.plain(info.type(), info.shape());
        int buffer = plan.add(Buffer.input(Buffer.Kind.INPUT, activation.bytes()));
        plan.values.put(info.name(), new Repr(buffer, activation));
        inputs.add(new Plan.Port(info, buffer));
      }
      new Lowering(plan).run();
      List<Plan.Port> outputs = new ArrayList<>();
      for (ValueInfo output : graph.outputs()) {
        ValueInfo info = infos.get(output.name());
        Repr repr =
            info.type() == DataType.F32
                ? plan.values.f32(info.name(), Layout.ROW_MAJOR)
                : plan.values.rowMajor(info.name());
        outputs.add(new Plan.Port(info, repr.buffer()));
      }
      Plan made = new Plan(inputs, outputs, plan.buffers(), plan.steps(), plan.rows());
      plan.steps().clear();
      return made;
    }
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
