package io.octet.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import io.octet.onnx.ModelMetadata.Notes;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Collects a file's {@link ModelMetadata}.
final class MetadataReader {
  private final Map<String, Notes> nodes = new LinkedHashMap<>();

  /// Notes a node that is read, under the name that the graph gives it.
  void add(String name, NodeProto node) {
    put(nodes, name, notes(node.getDocString(), node.getMetadataPropsList()));
  }

  ModelMetadata of(ModelProto model) {
    GraphProto graph = model.getGraph();
    Map<String, Notes> values = new LinkedHashMap<>();
    graph.getInputList().forEach(v -> add(values, v));
    graph.getOutputList().forEach(v -> add(values, v));
    return new ModelMetadata(
        (model.getProducerName() + " " + model.getProducerVersion()).strip(),
        model.getDomain(),
        model.getModelVersion(),
        notes(model.getDocString(), model.getMetadataPropsList()),
        notes(graph.getDocString(), graph.getMetadataPropsList()),
        nodes,
        values);
  }

  private static void add(Map<String, Notes> values, ValueInfoProto value) {
    put(values, value.getName(), notes(value.getDocString(), value.getMetadataPropsList()));
  }

  private static void put(Map<String, Notes> all, String name, Notes notes) {
    if (!notes.isEmpty()) {
      all.put(name, notes);
    }
  }

  private static Notes notes(String doc, List<StringStringEntryProto> entries) {
    Map<String, String> properties = new LinkedHashMap<>();
    entries.forEach(e -> properties.put(e.getKey(), e.getValue()));
    return doc.isEmpty() && properties.isEmpty() ? Notes.NONE : new Notes(doc, properties);
  }
}
