package io.octet.onnx;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// What stands in a model's file, whether or not Octet can run it.
///
/// @param name what the file calls its graph
/// @param opsets the version of each domain's operators; ONNX's own domain is "ai.onnx"
/// @param inputs what a caller must give
/// @param outputs what a run yields
/// @param operators those of all nodes, of subgraphs and functions too, in order of appearance
/// @param parameters number of elements of all constants
/// @param metadata labels, versions, descriptions
public record FileContents(
    String name,
    Map<String, Long> opsets,
    List<Value> inputs,
    List<Value> outputs,
    List<Operator> operators,
    long parameters,
    ModelMetadata metadata) {

  /// An input or output.
  ///
  /// @param name its name
  /// @param type its element type, as "f32", or ONNX's word where Octet has no such type
  /// @param shape a number, a name or "?" for each axis; empty where the file has no shape
  public record Value(String name, String type, List<String> shape) {
    /// Copies the shape.
    public Value {
      shape = List.copyOf(shape);
    }

    /// "x f32[N,3,224,224]".
    @Override
    public String toString() {
      return name + " " + type + "[" + String.join(",", shape) + "]";
    }
  }

  /// Nodes of one operator.
  ///
  /// @param name its name
  /// @param domain where it is defined; ONNX's own is "ai.onnx"
  /// @param opset the version of the domain that the file imports, 0 where it does not
  /// @param nodes how many there are
  /// @param first the name of the first
  /// @param supported whether Octet reads operators of that name, or the file defines it
  public record Operator(
      String name, String domain, long opset, int nodes, String first, boolean supported) {}

  /// Copies lists and maps, whose order is kept.
  public FileContents {
    Objects.requireNonNull(name, "name");
    opsets = Collections.unmodifiableMap(new LinkedHashMap<>(opsets));
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    operators = List.copyOf(operators);
    Objects.requireNonNull(metadata, "metadata");
  }
}
