package io.octet.onnx;

import io.octet.OctetException.InvalidModel;
import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.ShapeInference;
import io.octet.graph.op.Quantization;
import io.octet.graph.op.ValueInfo;
import io.octet.onnx.op.Known;
import io.octet.onnx.op.NodeView;
import io.octet.onnx.op.Surroundings;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What is known so far of the values of a model that is being read: constants, the nodes made of
/// those in the file, and types and shapes, inferred only when somebody asks. A constant behind
/// DequantizeLinear is kept as integers, whose node serves those who can take them, and is known as
/// floats to whoever asks for the value.
final class Values implements Surroundings {
  private final Map<String, Known> constants = new LinkedHashMap<>();
  private final Map<String, Node> dequantized = new HashMap<>();
  private final Map<String, String> asFloats = new HashMap<>();
  private final Map<String, Node> makers = new HashMap<>();
  private final Map<String, ValueInfo> infos = new HashMap<>();
  private final Set<String> names;
  private final Map<String, Integer> numbers = new HashMap<>();
  private final List<Node> nodes = new ArrayList<>();
  private final FoldBudget budget;
  private int inferred;

  /// @param names every name that the file uses, for nodes and values alike
  Values(List<ValueInfo> inputs, Set<String> names, FoldBudget budget) {
    this.budget = budget;
    this.names = new HashSet<>(names);
    inputs.forEach(i -> infos.put(i.name(), i));
  }

  @Override
  public void addConstant(String name, Known constant) {
    boolean taken = infos.containsKey(name) || dequantized.containsKey(name);
    if (taken || constants.put(name, constant) != null) {
      throw new InvalidModel("two values are called \"" + name + "\"");
    }
  }

  void addNode(Node node) {
    nodes.add(node);
    makers.putIfAbsent(node.output(), node);
  }

  /// A DequantizeLinear whose inputs are constants.
  void addDequantized(Node node) {
    nodes.add(node);
    dequantized.put(node.output(), node);
  }

  /// The node that makes `value`, or null.
  @Override
  public Node maker(String value) {
    return makers.get(value);
  }

  List<Node> nodes() {
    return nodes;
  }

  /// The constants of the given names, in the order in which they became known.
  ///
  /// @throws io.octet.OctetException.Unsupported if one has a type that no graph holds
  Map<String, Tensor> constants(Set<String> wanted) {
    Map<String, Tensor> found = new LinkedHashMap<>();
    constants.forEach(
        (name, constant) -> {
          if (wanted.contains(name)) {
            found.put(name, constant.tensor("tensor \"" + name + "\""));
          }
        });
    return found;
  }

  /// The constant of that name, or null.
  @Override
  public Known constant(String name) {
    return constants.get(name);
  }

  /// The DequantizeLinear of constants that makes `name`, or null.
  Node dequantized(String name) {
    return dequantized.get(name);
  }

  /// Whether the value of `name` is known, as it is or behind DequantizeLinear.
  @Override
  public boolean isKnown(String name) {
    return constants.containsKey(name) || dequantized.containsKey(name);
  }

  /// The value of `name`, dequantized where it is kept as integers; null where it is not known.
  @Override
  public Known known(String name, NodeView reader) {
    Node node = dequantized.get(name);
    if (node == null) {
      return constants.get(name);
    }
    return constants.get(floats(name, node, reader));
  }

  /// The name of a constant that holds the value of `name`: the name itself, unless it is kept as
  /// integers.
  @Override
  public String asFloats(String name, NodeView reader) {
    Node node = dequantized.get(name);
    return node == null ? name : floats(name, node, reader);
  }

  private String floats(String name, Node node, NodeView reader) {
    String made = asFloats.get(name);
    if (made == null) {
      Known q = constants.get(node.input(0));
      Known zero = node.hasInput(2) ? constants.get(node.input(2)) : null;
      int axis = ((Quantization.DequantizeLinear) node.op()).axis();
      ScaleInputs scale =
          ScaleInputs.of(reader, q.shape(), axis, constants.get(node.input(1)), zero);
      budget.take(reader, q.shape(), io.octet.tensor.DataType.F32);
      made = fresh(name + "_value");
      addConstant(made, Known.of(scale.scales().dequantize(q.stored())));
      asFloats.put(name, made);
    }
    return made;
  }

  /// `base`, or that with the first number that makes it a name nobody has. Counting goes on where
  /// it stopped for the same base.
  @Override
  public String fresh(String base) {
    if (names.add(base)) {
      return base;
    }
    int i = numbers.getOrDefault(base, 1);
    String name;
    do {
      i++;
      name = base + "_" + i;
    } while (!names.add(name));
    numbers.put(base, i);
    return name;
  }

  /// Type and shape of a value.
  ///
  /// @param reader who asks, for the error
  @Override
  public ValueInfo info(String name, NodeView reader) {
    ValueInfo known = infoOf(name);
    if (known == null) {
      inferNewNodes();
      known = infos.get(name);
    }
    if (known == null) {
      throw reader.invalid("reads \"" + name + "\", which no earlier node makes");
    }
    return known;
  }

  private ValueInfo infoOf(String name) {
    Known constant = constants.get(name);
    if (constant == null) {
      return infos.get(name);
    }
    Tensor tensor = constant.tensor("tensor \"" + name + "\"");
    return new ValueInfo(name, tensor.type(), tensor.shape());
  }

  /// Over the nodes that came since the last time alone, as a graph whose inputs are what they read
  /// of the others: asking often costs no more than asking once.
  private void inferNewNodes() {
    List<Node> fresh = nodes.subList(inferred, nodes.size());
    Set<String> made = new HashSet<>();
    fresh.forEach(n -> made.addAll(n.outputs()));
    Set<String> read = new HashSet<>();
    Map<String, ValueInfo> inputs = new LinkedHashMap<>();
    for (Node node : fresh) {
      for (String input : node.inputs()) {
        if (constants.containsKey(input)) {
          read.add(input);
        } else if (infos.containsKey(input)) {
          inputs.put(input, infos.get(input));
        } else if (!input.isEmpty() && !made.contains(input)) {
          throw new InvalidModel(node + " reads \"" + input + "\", which no earlier node makes");
        }
      }
    }
    List<ValueInfo> given = List.copyOf(inputs.values());
    Graph graph = new Graph("", given, List.of(), constants(read), fresh);
    infos.putAll(ShapeInference.infer(graph));
    inferred = nodes.size();
  }
}
