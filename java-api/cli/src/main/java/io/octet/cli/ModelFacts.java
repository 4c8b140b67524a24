package io.octet.cli;

import io.octet.graph.Graph;
import io.octet.graph.op.Quantization;
import io.octet.graph.op.ValueInfo;
import io.octet.runtime.NodeReport;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What several verbs say about a model.
public final class ModelFacts {
  private ModelFacts() {}

  static Map<String, Object> json(ValueInfo value) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", value.name());
    json.put("type", value.type().toString());
    json.put("shape", value.shape().dims().stream().map(Object::toString).toList());
    return json;
  }

  /// Whether the model carries quantized layers of its own.
  static boolean quantized(Graph graph) {
    return graph.nodes().stream().anyMatch(n -> n.op() instanceof Quantization);
  }

  /// "int8" where a layer with weights runs in int8, else "fp32".
  static String dtype(List<NodeReport> nodes) {
    boolean int8 = nodes.stream().anyMatch(n -> hasWeights(n) && n.dtype().equals("int8"));
    return int8 ? "int8" : "fp32";
  }

  /// Whether a node is a layer that quantization is for.
  static boolean hasWeights(NodeReport node) {
    return node.op().equals("Conv") || node.op().equals("Gemm") || node.op().equals("MatMul");
  }
}
