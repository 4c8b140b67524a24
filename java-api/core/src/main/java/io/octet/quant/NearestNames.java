package io.octet.quant;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Finds the nodes of a prepared graph by the names that they, or nodes that went into them, have
/// in the graph as it was given.
final class NearestNames {
  private static final int NEAREST = 3;

  /// Of longer names only the beginning counts for what is near.
  private static final int LONGEST = 100;

  private final Graph prepared;
  private final Map<String, Node> before;
  private final Map<String, Node> now;

  NearestNames(Graph given, Graph prepared) {
    this.prepared = prepared;
    this.before = byName(given);
    this.now = byName(prepared);
  }

  private static Map<String, Node> byName(Graph graph) {
    Map<String, Node> nodes = new LinkedHashMap<>();
    graph.nodes().forEach(n -> nodes.put(n.name(), n));
    return nodes;
  }

  /// The node of that name, or the one that makes what it made: a BatchNormalization's layer.
  ///
  /// @throws IllegalArgumentException if there is none
  Node node(String name) {
    Node node = now.get(name);
    if (node == null && before.containsKey(name)) {
      node = prepared.producer(before.get(name).output());
      if (node == null) {
        throw new IllegalArgumentException(
            before.get(name)
                + " is gone once the network is prepared: nothing is to be told to it");
      }
    }
    if (node == null) {
      throw new IllegalArgumentException(
          "no node is called \"" + name + "\"; the nearest are " + nearest(name));
    }
    return node;
  }

  private List<String> nearest(String name) {
    Map<String, Integer> distances = new LinkedHashMap<>();
    now.keySet().forEach(other -> distances.put(other, distance(name, other)));
    return distances.entrySet().stream()
        .sorted(Comparator.comparingInt(Map.Entry::getValue))
        .limit(NEAREST)
        .map(e -> "\"" + e.getKey() + "\"")
        .toList();
  }

  /// How many letters must be put in, left out or changed to make one name of the other.
  private static int distance(String a, String b) {
    int length = Math.min(b.length(), LONGEST);
    int[] row = new int[length + 1];
    for (int j = 0; j <= length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= Math.min(a.length(), LONGEST); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= length; j++) {
        int changed = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(changed, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[length];
  }
}
