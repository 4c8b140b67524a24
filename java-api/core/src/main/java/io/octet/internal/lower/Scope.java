package io.octet.internal.lower;

import io.octet.OctetException.InvalidModel;
import io.octet.OctetException.Unsupported;
import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.ValueInfo;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Layout;
import io.octet.internal.plan.ConstantStore;
import io.octet.internal.select.Registry;
import io.octet.tensor.Shape;
import java.util.Map;

/// What is lowered: a graph with concrete inputs, and with what.
///
/// @param model the graph of all plans
/// @param graph what of it a run needs
/// @param infos type and shape of every value, by name
record Scope(Graph model, Graph graph, Map<String, ValueInfo> infos, CompileContext context) {
  static Scope of(Graph model, Map<String, ValueInfo> infos, CompileContext context) {
    return new Scope(model, Needed.of(model, infos), infos, context);
  }

  /// Whether a constant of that name is the same for all plans.
  boolean isShared(String value) {
    return model.constant(value) != null;
  }

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

  CompileOptions options() {
    return context.options();
  }

  /// Whether every node runs by itself, as the graph says it.
  boolean isLiteral() {
    return options().literal();
  }

  /// The layout that `node` is to work in.
  Layout layout(Node node, Values values) {
    return facts().layouts().of(node, values, shape(node.output()));
  }

  GraphFacts facts() {
    return context.facts();
  }

  ConstantStore constants() {
    return context.constants();
  }

  LayerWeights weights() {
    return context.weights();
  }

  Registry.Selection ask(KernelSpec spec) {
    return context.kernels().select(spec);
  }

  /// The first backend's kernel for `spec`.
  ///
  /// @throws Unsupported with every refusal, where there is none
  Registry.Selection demand(String label, KernelSpec spec) {
    Registry.Selection selection = ask(spec);
    if (selection.kernel() == null) {
      throw new Unsupported(
          "\""
              + label
              + "\" needs "
              + spec.describe()
              + ", which no backend runs: "
              + Reason.refusals(selection));
    }
    return selection;
  }
}
