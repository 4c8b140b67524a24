package io.octet.internal.pass;

import io.octet.graph.Graph;

/// One rewrite of {@link Prepare}: a pure function from a graph to another that computes the same.
/// Inputs and outputs keep their names, types and order; a graph that has nothing to rewrite, such
/// as the pass's own result, comes back as the same object.
///
/// @param name what it does, in two or three words
/// @param rewriting the function
public record Pass(String name, Rewriting rewriting) {
  /// What a pass does.
  interface Rewriting {
    /// @param budget pays for constants that are computed
    Graph of(Inferred graph, GrowthBudget budget);
  }

  /// The pass by itself.
  public Graph apply(Graph graph) {
    return apply(new Inferred(graph), new GrowthBudget(graph)).graph();
  }

  /// What was inferred of a graph that comes back stays inferred.
  Inferred apply(Inferred graph, GrowthBudget budget) {
    Graph made = rewriting.of(graph, budget);
    return made == graph.graph() ? graph : new Inferred(made);
  }

  @Override
  public String toString() {
    return name;
  }
}
