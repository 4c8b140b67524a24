package io.octet.cli;

import io.octet.OctetException.Unsupported;
import io.octet.graph.Graph;
import io.octet.onnx.ModelMetadata;
import io.octet.onnx.Onnx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `octet inspect`. A file that Octet cannot run is told of by what stands in it.
@Command(
    name = "inspect",
    description = "Show a model's inputs, outputs, operators and size.",
    footer = {"  octet inspect net.onnx", "  octet inspect net.onnx --json"})
final class InspectVerb extends Verb {
  /// Characters of a description or property that the text shows.
  private static final int LONGEST = 80;

  @Parameters(paramLabel = "M.onnx", description = "The model.")
  private Path model;

  @Mixin private DimOption dims;

  @Override
  VerbResult answer() throws Exception {
    Onnx.Model file;
    try {
      file = readModel(model, dims);
    } catch (Unsupported e) {
      return new ForeignFile(Onnx.contents(model), Files.size(model), e.getMessage()).answer();
    }
    Graph graph = file.graph();
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", graph.name());
    json.put("dtype", ModelFacts.quantized(graph) ? "int8" : "fp32");
    json.put("inputs", graph.inputs().stream().map(ModelFacts::json).toList());
    json.put("outputs", graph.outputs().stream().map(ModelFacts::json).toList());
    json.put("nodes", graph.nodes().size());
    json.put("operators", operators(graph));
    json.put("parameters", graph.parameters());
    json.put("bytes", graph.parameterBytes());
    json.put("file_bytes", Files.size(model));
    json.put("unsupported", List.of());
    json.put("metadata", json(file.metadata()));
    return VerbResult.of(json, text(graph, file.metadata()));
  }

  static Map<String, Object> json(ModelMetadata metadata) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("producer", metadata.producer());
    json.put("domain", metadata.domain());
    json.put("version", metadata.version());
    json.put("doc", metadata.model().doc());
    json.put("graph_doc", metadata.graph().doc());
    json.put("properties", metadata.model().properties());
    return json;
  }

  static void appendMetadata(StringBuilder text, ModelMetadata metadata) {
    line(text, "producer ", metadata.producer());
    line(text, "domain   ", metadata.domain());
    line(text, "version  ", metadata.version() == 0 ? "" : "" + metadata.version());
    line(text, "doc      ", metadata.model().doc());
    metadata.model().properties().forEach((k, v) -> line(text, "property ", k + " = " + v));
  }

  /// One line: what is longer is shown in part.
  private static void line(StringBuilder text, String heading, String value) {
    String line = value.strip().lines().findFirst().orElse("");
    boolean whole = line.length() <= LONGEST && line.equals(value.strip());
    if (!line.isEmpty()) {
      String shown = line.substring(0, Math.min(line.length(), LONGEST));
      text.append(heading).append(shown).append(whole ? "\n" : " ...\n");
    }
  }

  private static Map<String, Integer> operators(Graph graph) {
    Map<String, Integer> counts = new TreeMap<>();
    graph.nodes().forEach(n -> counts.merge(n.op().name(), 1, Integer::sum));
    return counts;
  }

  private String text(Graph graph, ModelMetadata metadata) throws Exception {
    StringBuilder text = new StringBuilder();
    text.append("model    ").append(graph.name());
    text.append(ModelFacts.quantized(graph) ? ", carries int8 layers (QDQ)\n" : ", FP32\n");
    appendValues(text, "inputs   ", graph.inputs());
    appendValues(text, "outputs  ", graph.outputs());
    text.append("size     ")
        .append(Sizes.count(graph.parameters()))
        .append(" parameters, ")
        .append(Sizes.bytes(graph.parameterBytes()))
        .append("; the file has ")
        .append(Sizes.bytes(Files.size(model)))
        .append('\n');
    appendMetadata(text, metadata);
    text.append('\n');
    Table operators = new Table().row("operator", "nodes");
    operators(graph).forEach((op, n) -> operators.row(op, n.toString()));
    return text.append(operators).toString();
  }

  static void appendValues(StringBuilder text, String heading, List<?> values) {
    String lead = heading;
    for (Object value : values) {
      text.append(lead).append(value).append('\n');
      lead = " ".repeat(heading.length());
    }
  }
}
