package io.octet.cli;

import io.octet.onnx.FileContents;
import io.octet.onnx.FileContents.Operator;
import io.octet.onnx.FileContents.Value;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What `octet inspect` says of a file that Octet cannot run.
///
/// @param contents what stands in it
/// @param bytes the file's size
/// @param refusal why it does not run
record ForeignFile(FileContents contents, long bytes, String refusal) {
  VerbResult answer() {
    return VerbResult.of(json(), text());
  }

  private List<Operator> unsupported() {
    return contents.operators().stream().filter(op -> !op.supported()).toList();
  }

  private Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", contents.name());
    json.put("opsets", contents.opsets());
    json.put("inputs", contents.inputs().stream().map(ForeignFile::json).toList());
    json.put("outputs", contents.outputs().stream().map(ForeignFile::json).toList());
    json.put("nodes", contents.operators().stream().mapToInt(Operator::nodes).sum());
    Map<String, Integer> counts = new TreeMap<>();
    contents.operators().forEach(op -> counts.merge(op.name(), op.nodes(), Integer::sum));
    json.put("operators", counts);
    json.put("parameters", contents.parameters());
    json.put("file_bytes", bytes);
    json.put("unsupported", unsupported().stream().map(ForeignFile::json).toList());
    json.put("refusal", refusal);
    json.put("metadata", InspectVerb.json(contents.metadata()));
    return json;
  }

  private static Map<String, Object> json(Value value) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", value.name());
    json.put("type", value.type());
    json.put("shape", value.shape());
    return json;
  }

  private static Map<String, Object> json(Operator operator) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("operator", operator.name());
    json.put("domain", operator.domain());
    json.put("opset", operator.opset());
    json.put("nodes", operator.nodes());
    json.put("node", operator.first());
    return json;
  }

  private String text() {
    StringBuilder text = new StringBuilder();
    text.append("model    ").append(contents.name()).append(", which Octet cannot run\n");
    InspectVerb.appendValues(text, "inputs   ", contents.inputs());
    InspectVerb.appendValues(text, "outputs  ", contents.outputs());
    text.append("size     ")
        .append(Sizes.count(contents.parameters()))
        .append(" parameters; the file has ")
        .append(Sizes.bytes(bytes))
        .append('\n');
    InspectVerb.appendMetadata(text, contents.metadata());
    if (unsupported().isEmpty()) {
      text.append("reason   ").append(refusal).append('\n');
    }
    Table table = new Table().row("operator", "domain", "opset", "nodes", "not supported");
    for (Operator op : contents.operators()) {
      table.row(
          op.name(),
          op.domain(),
          op.opset() == 0 ? "-" : "" + op.opset(),
          "" + op.nodes(),
          op.supported() ? "" : "first node \"" + op.first() + "\"");
    }
    return text.append('\n').append(table).toString();
  }
}
