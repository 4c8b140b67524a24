package io.octet.internal.lower;

import io.octet.graph.Graph;

/// What follows from a whole graph and not from one node: found once, at the first question, and
/// shared by all of its plans. Whoever asked at each node would walk a long chain for each of its
/// links. Thread-safe.
public final class GraphFacts {
  private final Graph graph;
  private Bounds bounds;
  private Layouts layouts;

  public GraphFacts(Graph graph) {
    this.graph = graph;
  }

  /// What the graph's values cannot exceed.
  synchronized Bounds bounds() {
    if (bounds == null) {
      bounds = new Bounds(graph);
    }
    return bounds;
  }

  /// In which layouts values lie best.
  synchronized Layouts layouts() {
    if (layouts == null) {
      layouts = new Layouts(graph);
    }
    return layouts;
  }
}
