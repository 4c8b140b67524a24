package io.octet.onnx;

import io.octet.OctetException.InvalidModel;
import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.ShapeInference;
import io.octet.graph.ValueInfo;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What is known so far of the values of a model that is being read: constants, the nodes made of
/// those in the file, and types and shapes, inferred only when somebody asks.
final class Values {
  private final Map<String, Tensor> constants = new LinkedHashMap<>();
  private final Map<String, ValueInfo> infos = new HashMap<>();
  private final Set<String> names;
  private final List<Node> nodes = new ArrayList<>();
  private int inferred;

  /// @param names every name that the file uses, for nodes and values alike
  Values(List<ValueInfo> inputs, Set<String> names) {
    this.names = new HashSet<>(names);
    inputs.forEach(i -> infos.put(i.name(), i));
  }

  void addConstant(String name, Tensor tensor) {
    if (infos.containsKey(name) || constants.put(name, tensor) != null) {
      throw new InvalidModel("two values are called \"" + name + "\"");
    }
    infos.put(name, new ValueInfo(name, tensor.type(), tensor.shape()));
  }

  void addNode(Node node) {
    nodes.add(node);
  }

  List<Node> nodes() {
    return nodes;
  }

  Map<String, Tensor> constants() {
    return constants;
  }

  /// The constant of that name, or null.
  Tensor constant(String name) {
    return constants.get(name);
  }

  /// `base`, or that with the first number that makes it a name nobody has.
  String fresh(String base) {
    String name = base;
    for (int i = 2; !names.add(name); i++) {
      name = base + "_" + i;
    }
    return name;
  }

  /// Type and shape of a value.
  ///
  /// @param reader who asks, for the error
  ValueInfo info(String name, NodeView reader) {
    ValueInfo known = infos.get(name);
    if (known == null) {
      inferNewNodes();
      known = infos.get(name);
    }
    if (known == null) {
      throw reader.invalid("reads \"" + name + "\", which no earlier node makes");
    }
    return known;
  }

  /// Over the nodes that came since the last time alone, as a graph whose inputs are what they read
  /// of the others: asking often costs no more than asking once.
  private void inferNewNodes() {
    List<Node> fresh = nodes.subList(inferred, nodes.size());
    Set<String> made = new HashSet<>();
    fresh.forEach(n -> made.addAll(n.outputs()));
    Map<String, Tensor> read = new LinkedHashMap<>();
    Map<String, ValueInfo> inputs = new LinkedHashMap<>();
    for (Node node : fresh) {
      for (String input : node.inputs()) {
        if (constants.containsKey(input)) {
          read.put(input, constants.get(input));
        } else if (infos.containsKey(input)) {
          inputs.put(input, infos.get(input));
        } else if (!input.isEmpty() && !made.contains(input)) {
          throw new InvalidModel(node + " reads \"" + input + "\", which no earlier node makes");
        }
      }
    }
    List<ValueInfo> given = List.copyOf(inputs.values());
    infos.putAll(ShapeInference.infer(new Graph("", given, List.of(), read, fresh)));
    inferred = nodes.size();
  }
}
