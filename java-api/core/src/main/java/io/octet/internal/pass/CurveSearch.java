package io.octet.internal.pass;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Unary;
import io.octet.graph.op.ValueInfo;
import io.octet.tensor.DataType;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/// Finds the longest {@link Curve}s of a graph. A QuantizeLinear and the DequantizeLinear behind it
/// are functions of one value like others, once they stand inside one.
public final class CurveSearch {
  /// Nodes of a curve, at most.
  private static final int LONGEST = 64;

  /// What makes a value, from `root` on.
  private record Part(String root, Set<Node> nodes) {}

  private final Graph graph;
  private final Map<String, ValueInfo> values;
  private final Predicate<Node> free;
  private final Map<String, Part> parts = new LinkedHashMap<>();
  private final Set<String> continued = new HashSet<>();

  private CurveSearch(Graph graph, Map<String, ValueInfo> values, Predicate<Node> free) {
    this.graph = graph;
    this.values = values;
    this.free = free;
  }

  /// All curves, none inside another.
  ///
  /// @param values types and shapes of the graph's values
  /// @param free which nodes may be taken
  public static List<Curve> of(Graph graph, Map<String, ValueInfo> values, Predicate<Node> free) {
    CurveSearch search = new CurveSearch(graph, values, free);
    graph.nodes().stream().filter(free).forEach(search::visit);
    List<Curve> found = new ArrayList<>();
    search.parts.forEach(
        (value, part) -> {
          if (!search.continued.contains(value)) {
            search.curve(part, found);
          }
        });
    return found;
  }

  /// A DequantizeLinear at the end belongs to those who read it.
  private void curve(Part part, List<Curve> found) {
    List<Node> nodes = new ArrayList<>(part.nodes());
    if (QdqNodes.isDequantize(nodes.getLast())) {
      nodes.removeLast();
    }
    found.add(new Curve(part.root(), nodes));
  }

  private void visit(Node node) {
    List<String> data = data(node);
    if (data.isEmpty() || data.size() > 2) {
      return;
    }
    if (changesType(node)) {
      Part before = parts.get(data.getFirst());
      if (before != null) {
        join(node, List.of(before));
      }
      return;
    }
    for (Part a : sources(data.getFirst())) {
      for (Part b : sources(data.getLast())) {
        if (a.root().equals(b.root()) && joinLongest(node, a, b)) {
          return;
        }
      }
    }
  }

  /// Joins what makes the root of both, too, where nobody else reads that.
  private boolean joinLongest(Node node, Part a, Part b) {
    Part before = parts.get(a.root());
    return before != null && join(node, List.of(before, a, b)) || join(node, List.of(a, b));
  }

  /// Ways to see a value: as the end of a part, and as the beginning of another.
  private List<Part> sources(String value) {
    Part beginning = new Part(value, Set.of());
    return parts.containsKey(value) ? List.of(parts.get(value), beginning) : List.of(beginning);
  }

  /// The values of which the node is a function, each once; none where it is no function of
  /// elements.
  private List<String> data(Node node) {
    if (changesType(node)) {
      return List.of(node.input(0));
    }
    boolean elementwise = node.op() instanceof Unary || node.op() instanceof Binary;
    if (!elementwise || !isFloat(node.output())) {
      return List.of();
    }
    Set<String> data = new LinkedHashSet<>();
    for (String input : node.inputs()) {
      if (!isNumber(input, node)) {
        data.add(input);
      }
    }
    boolean known = data.stream().anyMatch(v -> Constants.isKnown(graph, v));
    return !known && data.stream().allMatch(this::isFloat) ? List.copyOf(data) : List.of();
  }

  private boolean changesType(Node node) {
    if (QdqNodes.isQuantize(node)) {
      return QdqNodes.perTensor(graph, node) != null;
    }
    ValueInfo from = QdqNodes.isDequantize(node) ? values.get(node.input(0)) : null;
    return from != null
        && from.type().isInt8()
        && QdqNodes.hasConstantParams(graph, node)
        && QdqNodes.params(graph, node, from.type()).isPerTensor();
  }

  private boolean isFloat(String value) {
    return values.containsKey(value) && values.get(value).type() == DataType.F32;
  }

  /// Whether `value` is one number, which leaves the shape of the node's data as it is.
  private boolean isNumber(String value, Node node) {
    Tensor stored = Constants.stored(graph, value);
    return stored != null
        && stored.elements() == 1
        && node.inputs().stream()
            .filter(other -> Constants.stored(graph, other) == null)
            .allMatch(other -> stored.shape().rank() <= values.get(other).shape().rank());
  }

  private boolean join(Node node, List<Part> sources) {
    Set<Node> nodes = new LinkedHashSet<>();
    sources.forEach(part -> nodes.addAll(part.nodes()));
    if (!areReadWithin(nodes, node) || nodes.size() >= LONGEST) {
      return false;
    }
    nodes.forEach(n -> continued.add(n.output()));
    nodes.add(node);
    parts.put(node.output(), new Part(sources.getFirst().root(), nodes));
    return true;
  }

  private boolean areReadWithin(Set<Node> nodes, Node last) {
    for (Node node : nodes) {
      if (graph.isOutput(node.output())) {
        return false;
      }
      for (Node reader : graph.consumers(node.output())) {
        if (!reader.equals(last) && !nodes.contains(reader)) {
          return false;
        }
      }
    }
    return true;
  }
}
