package io.octet.graph;

import io.octet.OctetException.InvalidModel;
import io.octet.OctetException.Unsupported;
import io.octet.graph.op.Op;
import io.octet.graph.op.Operands;
import io.octet.graph.op.ValueInfo;
import io.octet.tensor.Dim;
import io.octet.tensor.Expression;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Types and shapes of every value of a graph, by ONNX's rules. Free axes stay symbols wherever
/// they pass through an operator; elsewhere they become expressions such as `ceil(H/2)`.
public final class ShapeInference {
  /// As many as numpy's arrays have. Gather can double them in each node.
  private static final int MOST_AXES = 64;

  /// Digits that a long holds whatever they are.
  private static final int LONGEST_NUMBER = 18;

  private final Graph graph;
  private final Map<String, ValueInfo> values = new LinkedHashMap<>();

  /// Constants by name: the graph's, and what is nothing but their copy.
  private final Map<String, Tensor> constants;

  private final Set<String> undecided = new LinkedHashSet<>();

  private ShapeInference(Graph graph) {
    this.graph = graph;
    this.constants = new HashMap<>(graph.initializers());
  }

  /// Infers from the inputs' declared shapes.
  ///
  /// @return name, type and shape of every input, constant and node output, in that order
  /// @throws InvalidModel if shapes or types contradict an operator: the message names the node
  /// @throws Unsupported if a node is valid ONNX but beyond Octet: the message names the node
  public static Map<String, ValueInfo> infer(Graph graph) {
    return new ShapeInference(graph).run(graph.inputs());
  }

  /// Infers for inputs of the given shapes. The declared shapes' symbols take their sizes from
  /// them, one size for each symbol; an input that is not named keeps its declared shape.
  ///
  /// @param inputShapes shapes by the name of an input
  /// @return name, type and shape of every input, constant and node output, in that order
  /// @throws IllegalArgumentException if a shape contradicts the declared one or names no input, or
  ///   the network cannot run on it
  /// @throws InvalidModel as {@link #infer(Graph)}
  /// @throws Unsupported as {@link #infer(Graph)}
  public static Map<String, ValueInfo> infer(Graph graph, Map<String, Shape> inputShapes) {
    return infer(graph, inputShapes, Map.of());
  }

  /// The same where it is known, too, what some inputs hold.
  ///
  /// @param known tensors by the name of an input, of the shapes that are given
  /// @return name, type and shape of every input, constant and node output, in that order
  /// @throws IllegalArgumentException as {@link #infer(Graph, Map)}
  /// @throws InvalidModel as {@link #infer(Graph)}
  /// @throws Unsupported as {@link #infer(Graph)}
  public static Map<String, ValueInfo> infer(
      Graph graph, Map<String, Shape> inputShapes, Map<String, Tensor> known) {
    List<ValueInfo> bound = bind(graph, inputShapes);
    bound.replaceAll(
        i -> known.containsKey(i.name()) ? ValueInfo.of(i.name(), known.get(i.name())) : i);
    try {
      ShapeInference inference = new ShapeInference(graph);
      inference.constants.putAll(known);
      return inference.run(bound);
    } catch (InvalidModel e) {
      infer(graph); // Where the model itself is wrong, that is what the caller must hear.
      throw new IllegalArgumentException("for inputs " + bound + ": " + e.getMessage(), e);
    }
  }

  /// The values whose elements decide a shape, and which inference does not know.
  ///
  /// @throws InvalidModel as {@link #infer(Graph)}
  /// @throws Unsupported as {@link #infer(Graph)}
  public static Set<String> undecided(Graph graph) {
    ShapeInference inference = new ShapeInference(graph);
    inference.run(graph.inputs());
    return inference.undecided;
  }

  private static List<ValueInfo> bind(Graph graph, Map<String, Shape> given) {
    for (String name : given.keySet()) {
      if (!graph.isInput(name)) {
        throw new IllegalArgumentException(
            "\"" + name + "\" is no input; the inputs are " + graph.inputs());
      }
    }
    Map<String, Long> sizes = new HashMap<>();
    for (ValueInfo input : graph.inputs()) {
      Shape shape = given.get(input.name());
      if (shape != null && !matches(input.shape(), shape, sizes)) {
        throw new IllegalArgumentException(
            "input \""
                + input.name()
                + "\" has shape "
                + shape
                + ", expected "
                + input.shape().bind(sizes));
      }
    }
    List<ValueInfo> bound = new ArrayList<>();
    for (ValueInfo input : graph.inputs()) {
      Shape shape = given.getOrDefault(input.name(), input.shape().bind(sizes));
      bound.add(new ValueInfo(input.name(), input.type(), shape));
    }
    return bound;
  }

  private static boolean matches(Shape declared, Shape given, Map<String, Long> sizes) {
    if (declared.rank() != given.rank()) {
      return false;
    }
    for (int i = 0; i < given.rank(); i++) {
      boolean fits =
          switch (declared.dim(i)) {
            case Dim.Fixed size -> given.dim(i).equals(size);
            case Dim.Symbol(String name) ->
                !(given.dim(i) instanceof Dim.Fixed(long size))
                    || sizes.computeIfAbsent(name, k -> size) == size;
            case Expression e -> e.bind(sizes).mayEqual(given.dim(i));
            case Dim.Unknown _ -> true;
          };
      if (!fits) {
        return false;
      }
    }
    return true;
  }

  private Map<String, ValueInfo> run(List<ValueInfo> inputs) {
    for (ValueInfo input : inputs) {
      requireNames(input);
      requireCountable(input);
      values.put(input.name(), input);
    }
    graph.initializers().forEach((name, t) -> values.put(name, ValueInfo.of(name, t)));
    graph.nodes().forEach(this::infer);
    return Collections.unmodifiableMap(values);
  }

  private void infer(Node node) {
    List<ValueInfo> made = infer(node.op(), operands(node));
    for (int i = 0; i < node.outputs().size(); i++) {
      String output = node.outputs().get(i);
      if (i < made.size()) {
        values.put(output, made.get(i).named(output));
      } else if (!graph.consumers(output).isEmpty() || graph.isOutput(output)) {
        throw new Unsupported(node + ": its second output \"" + output + "\" is not supported");
      }
    }
    Tensor copied = node.isCopy() ? constants.get(node.input(0)) : null;
    if (copied != null) {
      constants.put(node.output(), copied);
    }
  }

  /// What an operator makes of one node's inputs, as far as it can be counted.
  ///
  /// @throws InvalidModel as {@link #infer(Graph)}
  /// @throws Unsupported as {@link #infer(Graph)}
  public static List<ValueInfo> infer(Op op, Operands operands) {
    try {
      List<ValueInfo> made = op.infer(operands);
      for (ValueInfo info : made) {
        if (info.shape().rank() > MOST_AXES) {
          throw operands.unsupported(
              "makes " + info.shape().rank() + " axes, at most " + MOST_AXES + " are supported");
        }
        operands.requireShort(info.shape().dims());
        operands.requireShort(info.values().orElse(List.of()));
        countBytes(info);
      }
      return made;
    } catch (ArithmeticException e) {
      throw new InvalidModel(
          operands.node() + ": its sizes are beyond any memory (" + e.getMessage() + ")", e);
    }
  }

  private Operands operands(Node node) {
    List<ValueInfo> infos = new ArrayList<>();
    List<Tensor> tensors = new ArrayList<>();
    for (String input : node.inputs()) {
      if (!input.isEmpty() && !values.containsKey(input)) {
        throw new InvalidModel(node + ": input \"" + input + "\" has no known shape");
      }
      infos.add(values.get(input));
      tensors.add(constants.get(input));
    }
    return new Operands(node.toString(), infos, tensors, node.outputs().size(), undecided);
  }

  private static void requireNames(ValueInfo input) {
    for (int i = 0; i < input.shape().rank(); i++) {
      if (input.shape().dim(i) instanceof Dim.Symbol(String name) && readsAsNumber(name)) {
        throw new InvalidModel(
            "input \""
                + input.name()
                + "\": axis "
                + i
                + " is called \""
                + name
                + "\", which reads as a number; a free axis needs a name");
      }
    }
  }

  /// Such a name would be taken for a size wherever a shape is printed.
  private static boolean readsAsNumber(String name) {
    List<String> factors = List.of(name.split("\\*", -1));
    return factors.stream().allMatch(ShapeInference::isNumber)
        || factors.stream().anyMatch(f -> isNumber(f) && f.length() > LONGEST_NUMBER);
  }

  private static boolean isNumber(String factor) {
    return !factor.isEmpty() && factor.chars().allMatch(Character::isDigit);
  }

  private static void requireCountable(ValueInfo input) {
    try {
      countBytes(input);
    } catch (ArithmeticException e) {
      throw new InvalidModel(
          "input \""
              + input.name()
              + "\" "
              + input.type()
              + input.shape()
              + ": its size is beyond any memory ("
              + e.getMessage()
              + ")",
          e);
    }
  }

  /// Whoever counts a value's elements and bytes afterwards cannot overflow. Free axes count 1
  /// here, and what they are once their sizes are known.
  ///
  /// @throws ArithmeticException if a value takes more bytes than a long counts
  private static void countBytes(ValueInfo info) {
    long bytes = info.type().bytes();
    for (Dim dim : info.shape().dims()) {
      bytes = Math.multiplyExact(bytes, dim instanceof Dim.Fixed(long size) ? size : 1);
    }
  }
}
