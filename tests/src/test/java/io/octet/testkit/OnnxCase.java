package io.octet.testkit;

import io.octet.io.Json;
import io.octet.io.Npz;
import io.octet.tensor.Tensor;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// One small model of `resources/onnx-ops` or `onnx-qdq`, with inputs and the outputs that ONNX
/// Runtime gave.
///
/// @param name operator, variant and opset, as "conv_groups_13"
/// @param model the ONNX file
/// @param inputs what to feed, by name
/// @param outputs what comes out, by name
public record OnnxCase(
    String name, Path model, Map<String, Tensor> inputs, Map<String, Tensor> outputs) {

  /// All of `onnx-ops`, in the index's order.
  public static Stream<OnnxCase> all() throws IOException {
    return all("onnx-ops");
  }

  /// All of one folder of resources, in the index's order.
  public static Stream<OnnxCase> all(String resources) throws IOException {
    Path folder = folder(resources);
    // The index is a list; our JSON files are objects.
    String index = "{\"cases\": " + Files.readString(folder.resolve("index.json")) + "}";
    List<?> cases = (List<?>) Json.parse(index, "index.json").get("cases");
    return cases.stream().map(c -> of(folder, (Map<?, ?>) c));
  }

  /// The one of that name.
  public static OnnxCase named(String name) throws IOException {
    return all().filter(c -> c.name().equals(name)).findFirst().orElseThrow();
  }

  private static Path folder(String name) {
    try {
      return Path.of(OnnxCase.class.getResource("/" + name + "/index.json").toURI()).getParent();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static OnnxCase of(Path folder, Map<?, ?> entry) {
    try {
      Map<String, Tensor> arrays = Npz.read(folder.resolve((String) entry.get("data")));
      return new OnnxCase(
          (String) entry.get("name"),
          folder.resolve((String) entry.get("model")),
          pick(arrays, (List<?>) entry.get("inputs")),
          pick(arrays, (List<?>) entry.get("outputs")));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static Map<String, Tensor> pick(Map<String, Tensor> arrays, List<?> names) {
    Map<String, Tensor> picked = new LinkedHashMap<>();
    for (Object name : names) {
      Tensor array = arrays.get(name);
      if (array == null) {
        throw new IllegalStateException("the data has " + arrays.keySet() + ", not " + name);
      }
      picked.put((String) name, array);
    }
    return picked;
  }

  @Override
  public String toString() {
    return name;
  }
}
