package io.octet.internal.pass;

import io.octet.graph.Graph;
import io.octet.graph.ShapeInference;
import io.octet.graph.op.ValueInfo;
import io.octet.tensor.Shape;
import java.util.Map;

/// A graph, and types and shapes of its values, which are inferred once and only where somebody
/// asks. Not for several threads.
final class Inferred {
  private final Graph graph;
  private Map<String, ValueInfo> values;

  Inferred(Graph graph) {
    this.graph = graph;
  }

  Graph graph() {
    return graph;
  }

  /// What {@link ShapeInference} says of every value.
  Map<String, ValueInfo> values() {
    if (values == null) {
      values = ShapeInference.infer(graph);
    }
    return values;
  }

  Shape shape(String value) {
    return values().get(value).shape();
  }
}
