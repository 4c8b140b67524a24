package io.octet.graph;

import io.octet.OctetException.InvalidModel;
import io.octet.graph.op.ValueInfo;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;

/// A network: nodes over named values, in an order in which they can run. A graph is immutable
/// data; passes take one and return another. Every name a node reads is an input, an initializer or
/// the output of an earlier node.
public final class Graph {
  private final String name;
  private final List<ValueInfo> inputs;
  private final List<ValueInfo> outputs;
  private final Map<String, Tensor> initializers;
  private final List<Node> nodes;
  private final Map<String, Node> producers;
  private final Map<String, List<Node>> consumers;
  private final Set<String> inputNames = new HashSet<>();
  private final Set<String> outputNames = new HashSet<>();

  /// Orders the nodes and checks every name.
  ///
  /// @param name what reports call the network
  /// @param inputs what a caller must give
  /// @param outputs what a run yields; each is made by a node, or is an input or initializer
  /// @param initializers constants by name: weights, scales, shapes
  /// @param nodes in any order
  /// @throws InvalidModel if a name is missing or made twice, or nodes form a circle
  public Graph(
      String name,
      List<ValueInfo> inputs,
      List<ValueInfo> outputs,
      Map<String, Tensor> initializers,
      List<Node> nodes) {
    this.name = name;
    this.inputs = List.copyOf(inputs);
    this.outputs = List.copyOf(outputs);
    this.initializers = Collections.unmodifiableMap(new LinkedHashMap<>(initializers));
    inputs.forEach(i -> inputNames.add(i.name()));
    outputs.forEach(o -> outputNames.add(o.name()));
    this.producers = producers(nodes);
    this.nodes = order(nodes);
    this.consumers = consumers();
    for (ValueInfo output : outputs) {
      if (!isInput(output.name())
          && !producers.containsKey(output.name())
          && !initializers.containsKey(output.name())) {
        throw new InvalidModel("output \"" + output.name() + "\" is made by no node");
      }
    }
  }

  /// What reports call the network.
  public String name() {
    return name;
  }

  /// What a caller must give.
  public List<ValueInfo> inputs() {
    return inputs;
  }

  /// What a run yields.
  public List<ValueInfo> outputs() {
    return outputs;
  }

  /// Constants by name.
  public Map<String, Tensor> initializers() {
    return initializers;
  }

  /// The nodes, each behind those it reads from.
  public List<Node> nodes() {
    return nodes;
  }

  /// The node that makes `value`, or null for an input or a constant.
  public Node producer(String value) {
    return producers.get(value);
  }

  /// The nodes that read `value`, in order; a node that reads it twice stands once.
  public List<Node> consumers(String value) {
    return consumers.getOrDefault(value, List.of());
  }

  /// The only node that reads `value`, or null where there are several, or none, or the value is an
  /// output of the graph.
  public Node soleReader(String value) {
    List<Node> readers = consumers(value);
    return readers.size() == 1 && !isOutput(value) ? readers.getFirst() : null;
  }

  /// The constant called `value`, or null where it is none.
  public Tensor constant(String value) {
    return initializers.get(value);
  }

  /// Whether `value` is one of the graph's inputs.
  public boolean isInput(String value) {
    return inputNames.contains(value);
  }

  /// Whether `value` is one of the graph's outputs.
  public boolean isOutput(String value) {
    return outputNames.contains(value);
  }

  /// Number of elements of all floating-point and integer parameters. One that several names have
  /// counts once.
  public long parameters() {
    return distinctParameters().stream().mapToLong(Tensor::elements).sum();
  }

  /// Bytes of all parameters: weights, biases, scales and zero points. One that several names have
  /// counts once.
  public long parameterBytes() {
    return distinctParameters().stream().mapToLong(t -> t.data().byteSize()).sum();
  }

  private Set<Tensor> distinctParameters() {
    Set<Tensor> distinct = Collections.newSetFromMap(new IdentityHashMap<>());
    distinct.addAll(initializers.values());
    return distinct;
  }

  /// This graph with other nodes and constants; constants that no node reads are left out.
  public Graph with(Map<String, Tensor> newInitializers, List<Node> newNodes) {
    Set<String> read = new HashSet<>();
    newNodes.forEach(n -> read.addAll(n.inputs()));
    outputs.forEach(o -> read.add(o.name()));
    Map<String, Tensor> kept = new LinkedHashMap<>();
    newInitializers.forEach(
        (key, value) -> {
          if (read.contains(key)) {
            kept.put(key, value);
          }
        });
    return new Graph(name, inputs, outputs, kept, newNodes);
  }

  /// This graph with other outputs; nodes and constants are kept.
  public Graph withOutputs(List<ValueInfo> newOutputs) {
    return new Graph(name, inputs, newOutputs, initializers, nodes);
  }

  private static Map<String, Node> producers(List<Node> nodes) {
    Map<String, Node> made = new HashMap<>();
    Set<String> names = new HashSet<>();
    for (Node node : nodes) {
      if (!names.add(node.name())) {
        throw new InvalidModel("two nodes are called \"" + node.name() + "\"");
      }
      for (String output : node.outputs()) {
        if (!output.isEmpty() && made.put(output, node) != null) {
          throw new InvalidModel(node + " makes \"" + output + "\", which another node makes too");
        }
      }
    }
    return made;
  }

  private Map<String, List<Node>> consumers() {
    Map<String, List<Node>> readers = new HashMap<>();
    for (Node node : nodes) {
      for (String input : new HashSet<>(node.inputs())) {
        readers.computeIfAbsent(input, k -> new ArrayList<>()).add(node);
      }
    }
    return readers;
  }

  /// Kahn's algorithm, stable: a node keeps its place unless it must move. Nodes are known by their
  /// places: to look one up by its content would cost as much as it has inputs.
  private List<Node> order(List<Node> unordered) {
    Set<String> ready = new HashSet<>(initializers.keySet());
    ready.addAll(inputNames);
    ready.add("");
    checkNames(unordered, ready);
    int[] missing = new int[unordered.size()];
    Map<String, List<Integer>> waiting = new HashMap<>();
    PriorityQueue<Integer> next = new PriorityQueue<>();
    for (int i = 0; i < missing.length; i++) {
      int place = i;
      Set<String> unmet = new HashSet<>(unordered.get(i).inputs());
      unmet.removeAll(ready);
      missing[i] = unmet.size();
      unmet.forEach(v -> waiting.computeIfAbsent(v, k -> new ArrayList<>()).add(place));
      if (unmet.isEmpty()) {
        next.add(i);
      }
    }
    List<Node> ordered = new ArrayList<>(missing.length);
    while (!next.isEmpty()) {
      Node node = unordered.get(next.remove());
      ordered.add(node);
      for (String output : new HashSet<>(node.outputs())) {
        for (int reader : waiting.getOrDefault(output, List.of())) {
          missing[reader]--;
          if (missing[reader] == 0) {
            next.add(reader);
          }
        }
      }
    }
    for (int i = 0; i < missing.length; i++) {
      if (missing[i] > 0) {
        throw new InvalidModel(
            unordered.get(i) + " waits for its own output: the graph has a circle");
      }
    }
    return List.copyOf(ordered);
  }

  private void checkNames(List<Node> unordered, Set<String> given) {
    for (Node node : unordered) {
      for (String output : node.outputs()) {
        if (!output.isEmpty() && given.contains(output)) {
          throw new InvalidModel(
              node + " makes \"" + output + "\", which is an input or a constant");
        }
      }
      for (String input : node.inputs()) {
        if (!given.contains(input) && !producers.containsKey(input)) {
          throw new InvalidModel(node + " reads \"" + input + "\", which nobody makes");
        }
      }
    }
  }

  /// "resnet20: 1 input, 1 output, 72 nodes".
  @Override
  public String toString() {
    return name
        + ": "
        + inputs.size()
        + " inputs, "
        + outputs.size()
        + " outputs, "
        + nodes.size()
        + " nodes";
  }
}
