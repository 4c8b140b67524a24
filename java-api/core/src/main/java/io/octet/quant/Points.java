package io.octet.quant;

import io.octet.graph.Node;
import io.octet.internal.pass.Interval;
import io.octet.quant.observe.Range;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Which values are quantized, and which of them share parameters. Values that a float operator or
/// the caller makes are quantized where a quantized operator reads them.
final class Points {
  private final QuantizedNodes nodes;
  private final Map<String, String> parents = new HashMap<>();
  private final Map<String, Point> points = new LinkedHashMap<>();

  private Points(QuantizedNodes nodes) {
    this.nodes = nodes;
  }

  /// The point of each quantized value; points come in the order of their first members.
  static Map<String, Point> of(QuantizedNodes nodes) {
    Points points = new Points(nodes);
    points.findPoints();
    return points.points;
  }

  private void findPoints() {
    List<String> members = new ArrayList<>();
    for (String value : nodes.values().keySet()) {
      if (nodes.isActivation(value) && (isBoundary(value) || nodes.isDemanded(value))) {
        members.add(value);
      }
    }
    joinCarried();
    Map<String, List<String>> classes = new LinkedHashMap<>();
    for (String value : members) {
      classes.computeIfAbsent(find(value), k -> new ArrayList<>()).add(value);
    }
    for (List<String> alike : classes.values()) {
      List<String> sources = alike.stream().filter(v -> !isCarried(v)).toList();
      boolean nonNegative = sources.stream().allMatch(this::isNonNegative);
      boolean isFx = nodes.told().qconfig().isFx();
      Settings settings = nodes.told().joint(makers(alike));
      Point point = new Point(alike, isFx ? alike : sources, nonNegative, known(sources), settings);
      alike.forEach(v -> points.put(v, point));
    }
  }

  /// Whether `value` leaves a group, or an operator beside the groups that is quantized.
  private boolean isBoundary(String value) {
    Node producer = nodes.graph().producer(value);
    if (producer == null || !nodes.contains(producer) || isReadInFloatAlone(value)) {
      return false;
    }
    return nodes.groups().of(producer).map(g -> g.output().equals(value)).orElse(true);
  }

  /// Whether nobody wants `value` quantized: all who read it stay FP32 by the configuration.
  private boolean isReadInFloatAlone(String value) {
    List<Node> readers = nodes.graph().consumers(value);
    return !readers.isEmpty()
        && !nodes.graph().isOutput(value)
        && readers.stream().allMatch(nodes::isKept);
  }

  private List<Node> makers(List<String> members) {
    return members.stream().map(nodes.graph()::producer).filter(Objects::nonNull).toList();
  }

  private void joinCarried() {
    for (Node node : nodes.graph().nodes()) {
      if (nodes.containsAlone(node) && nodes.carries(node)) {
        for (String output : node.outputs()) {
          node.data().forEach(v -> parents.put(find(v), find(output)));
        }
      }
    }
  }

  /// The name of a value's class. Every step on the way is shortened, so that long chains stay
  /// cheap.
  private String find(String value) {
    String at = value;
    String parent = parents.getOrDefault(at, at);
    while (!parent.equals(at)) {
      String beyond = parents.getOrDefault(parent, parent);
      parents.put(at, beyond);
      at = beyond;
      parent = parents.getOrDefault(at, at);
    }
    return at;
  }

  /// Whether the elements of `value` are those of other members.
  private boolean isCarried(String value) {
    Node producer = nodes.graph().producer(value);
    return producer != null && nodes.containsAlone(producer) && !nodes.isLoneClamp(producer);
  }

  private boolean isNonNegative(String value) {
    return Interval.ofResult(nodes.graph().producer(value))
        .map(Interval::isNonNegative)
        .orElse(false);
  }

  /// The range of values whose makers give all of it away; null where one does not.
  private Range known(List<String> sources) {
    Range known = null;
    for (String value : sources) {
      Node producer = nodes.graph().producer(value);
      Interval made = Interval.ofResult(producer).orElse(Interval.ALL);
      boolean bends = producer != null && Interval.of(producer.op()).isEmpty();
      if (!bends || !made.isFinite()) {
        return null;
      }
      known =
          known == null
              ? new Range(made.min(), made.max())
              : new Range(Math.min(known.low(), made.min()), Math.max(known.high(), made.max()));
    }
    return known;
  }
}
