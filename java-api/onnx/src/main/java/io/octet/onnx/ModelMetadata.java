package io.octet.onnx;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/// What a file says of a model beside its network: labels, preprocessing, versions, descriptions.
/// Quantization changes none of it, so a quantized copy is written with its original's.
///
/// @param producer the tool that wrote the file, with its version; a copy's is Octet
/// @param domain the model's namespace, as "org.example", or ""
/// @param version the model's own version
/// @param model notes on the model; its properties are ONNX's `metadata_props`
/// @param graph notes on the graph
/// @param nodes notes by the name of a node
/// @param values notes by the name of an input or output
public record ModelMetadata(
    String producer,
    String domain,
    long version,
    Notes model,
    Notes graph,
    Map<String, Notes> nodes,
    Map<String, Notes> values) {

  /// No word about the model.
  public static final ModelMetadata NONE =
      new ModelMetadata("", "", 0, Notes.NONE, Notes.NONE, Map.of(), Map.of());

  /// Copies the maps, whose order is kept.
  public ModelMetadata {
    Objects.requireNonNull(producer, "producer");
    Objects.requireNonNull(domain, "domain");
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(graph, "graph");
    nodes = copy(nodes);
    values = copy(values);
  }

  private static <T> Map<String, T> copy(Map<String, T> map) {
    return Collections.unmodifiableMap(new LinkedHashMap<>(map));
  }

  /// A description, and properties by key.
  ///
  /// @param doc for people to read, or ""
  /// @param properties for programs
  public record Notes(String doc, Map<String, String> properties) {
    /// No description and no properties.
    public static final Notes NONE = new Notes("", Map.of());

    /// Copies the map, whose order is kept.
    public Notes {
      Objects.requireNonNull(doc, "doc");
      properties = Collections.unmodifiableMap(new LinkedHashMap<>(properties));
    }

    boolean isEmpty() {
      return doc.isEmpty() && properties.isEmpty();
    }
  }
}
