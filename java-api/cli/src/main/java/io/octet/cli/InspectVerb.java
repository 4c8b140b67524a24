package io.octet.cli;

import io.octet.graph.Graph;
import io.octet.graph.ValueInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `octet inspect`.
@Command(
    name = "inspect",
    description = "Show a model's inputs, outputs, operators and size.",
    footer = {"  octet inspect net.onnx", "  octet inspect net.onnx --json"})
final class InspectVerb extends Verb {
  @Parameters(paramLabel = "M.onnx", description = "The model.")
  private Path model;

  @Override
  Answer answer() throws Exception {
    Graph graph = read(model);
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", graph.name());
    json.put("dtype", Values.quantized(graph) ? "int8" : "fp32");
    json.put("inputs", graph.inputs().stream().map(Values::json).toList());
    json.put("outputs", graph.outputs().stream().map(Values::json).toList());
    json.put("nodes", graph.nodes().size());
    json.put("operators", operators(graph));
    json.put("parameters", graph.parameters());
    json.put("bytes", graph.parameterBytes());
    json.put("file_bytes", Files.size(model));
    return Answer.of(json, text(graph));
  }

  private static Map<String, Integer> operators(Graph graph) {
    Map<String, Integer> counts = new TreeMap<>();
    graph.nodes().forEach(n -> counts.merge(n.op().name(), 1, Integer::sum));
    return counts;
  }

  private String text(Graph graph) throws Exception {
    StringBuilder text = new StringBuilder();
    text.append("model    ").append(graph.name());
    text.append(Values.quantized(graph) ? ", carries int8 layers (QDQ)\n" : ", FP32\n");
    appendValues(text, "inputs   ", graph.inputs());
    appendValues(text, "outputs  ", graph.outputs());
    text.append("size     ")
        .append(Sizes.count(graph.parameters()))
        .append(" parameters, ")
        .append(Sizes.bytes(graph.parameterBytes()))
        .append("; the file has ")
        .append(Sizes.bytes(Files.size(model)))
        .append("\n\n");
    Table operators = new Table().row("operator", "nodes");
    operators(graph).forEach((op, n) -> operators.row(op, n.toString()));
    return text.append(operators).toString();
  }

  private static void appendValues(StringBuilder text, String heading, List<ValueInfo> values) {
    String lead = heading;
    for (ValueInfo value : values) {
      text.append(lead).append(value).append('\n');
      lead = " ".repeat(heading.length());
    }
  }
}
