package io.octet.cli;

import io.octet.cpu.Cpu;
import io.octet.cpu.Verdict;
import io.octet.graph.Graph;
import io.octet.runtime.NodeReport;
import io.octet.runtime.Session;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `octet explain`.
@Command(
    name = "explain",
    description =
        "Tell, node by node, which kernel runs here, what was fused into it, and why a node stays"
            + " in FP32.",
    footer = {
      "  octet explain net8.onnx",
      "  octet explain net8.onnx --batch 32 --json",
      "  octet explain bert.onnx --shape input_ids=1x128 --shape attention_mask=1x128",
      "  octet explain net8.onnx --measure                where FP32 is faster here",
      "  octet -Doctet.exact=true explain net8.onnx       without the named deviations"
    })
final class ExplainVerb extends Verb {
  @Parameters(paramLabel = "M.onnx", description = "The model.")
  private Path model;

  @Mixin private DimOption dims;

  @Mixin private Shapes shapes;

  @Mixin private RunOptions how;

  @Override
  VerbResult answer() throws Exception {
    Graph graph = read(model, dims);
    try (Session session = Session.open(graph, how.session())) {
      List<NodeReport> nodes = session.explain(shapes.of(graph));
      how.warning(nodes, "see the reasons").ifPresent(this::note);
      Verdict verdict = Cpu.verdict();
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("nodes", nodes.stream().map(ExplainVerb::json).toList());
      json.put("dtype", ModelFacts.dtype(nodes));
      json.put("verdict", CpuVerb.json(verdict));
      return VerbResult.of(json, text(nodes, verdict));
    }
  }

  static Map<String, Object> json(NodeReport node) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", node.name());
    json.put("op", node.op());
    json.put("backend", node.backend());
    json.put("kernel", node.kernel());
    json.put("dtype", node.dtype());
    json.put("fused", node.fused());
    json.put("fallback", node.fallback() == null ? null : json(node.fallback()));
    json.put("fell_back", node.fellBack());
    json.put("refusals", node.refusals());
    json.put("types", node.types());
    json.put("elided", node.elided());
    return json;
  }

  private static Map<String, Object> json(NodeReport.Fallback fallback) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("code", fallback.code());
    json.put("text", fallback.text());
    return json;
  }

  static String text(List<NodeReport> nodes, Verdict verdict) {
    Table table = new Table().row("node", "op", "type", "backend", "kernel", "fused with it");
    Map<String, List<String>> fellBack = new LinkedHashMap<>();
    Map<String, List<String>> measured = new LinkedHashMap<>();
    Map<String, List<String>> floats = new LinkedHashMap<>();
    Map<String, List<String>> passedOver = new LinkedHashMap<>();
    Map<String, List<String>> elided = new LinkedHashMap<>();
    for (NodeReport node : nodes) {
      table.row(
          node.name(),
          node.op(),
          node.dtype(),
          node.backend(),
          node.kernel(),
          String.join(" ", node.fused()));
      if (node.fallback() != null) {
        String reason = node.fallback().code() + ", " + node.fallback().text();
        boolean slower = node.fallback().code().equals("slower_than_fp32");
        (node.fellBack() ? fellBack : slower ? measured : floats)
            .computeIfAbsent(reason, r -> new ArrayList<>())
            .add(node.name());
      }
      if (node.dtype().equals("int8")) {
        node.refusals()
            .forEach(r -> passedOver.computeIfAbsent(r, x -> new ArrayList<>()).add(node.name()));
      }
      if (!node.elided().isEmpty()) {
        elided.put(node.name(), node.elided());
      }
    }
    return "%s: %s\n\n%s\n%s%s%s%s%s%s"
        .formatted(
            verdict.path().text(),
            verdict.reason(),
            table,
            summary(nodes),
            section("fall back to FP32, though the model quantizes them:", fellBack),
            section("FP32 by measurement, for it is faster here:", measured),
            section("FP32 by the model:", floats),
            section("in int8 on a later choice, because the earlier refused:", passedOver),
            section("elided inside a fused group (octet.exact=true keeps them):", elided));
  }

  static String summary(List<NodeReport> nodes) {
    List<NodeReport> layers = nodes.stream().filter(ModelFacts::hasWeights).toList();
    long int8 = layers.stream().filter(n -> n.dtype().equals("int8")).count();
    return int8 + " of " + layers.size() + " layers with weights run in int8.\n";
  }

  private static String section(String heading, Map<String, List<String>> lines) {
    StringBuilder text = new StringBuilder(lines.isEmpty() ? "" : "\n" + heading + "\n");
    lines.forEach(
        (key, names) -> text.append("  %s:\n    %s\n".formatted(key, String.join(" ", names))));
    return text.toString();
  }
}
