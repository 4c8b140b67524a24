package io.octet.quant;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.internal.pass.Group;
import io.octet.internal.pass.Groups;
import io.octet.internal.pass.Prepared;
import io.octet.quant.QConfig.Rule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// What each node of a prepared graph is told: the rules of a configuration, carried out. A group
/// is one node here, called after its core.
///
/// @param qconfig the configuration with one rule for each node that is told something, in the
///   graph's order: plain data, which gives the same again
/// @param groups the groups of the graph
/// @param byNode what is told
record Told(QConfig qconfig, Groups groups, Map<String, NodeConfig> byNode) {
  /// Carries out the rules.
  ///
  /// @param given the graph before it was prepared, whose nodes may be told too
  /// @throws IllegalArgumentException if a name is that of no node
  static Told of(QConfig qconfig, Graph given, Prepared prepared) {
    Groups groups =
        switch (qconfig.preset()) {
          case AUTO -> prepared.groups();
          case FBGEMM, X86, ONEDNN -> prepared.torchsGroups();
        };
    NearestNames names = new NearestNames(given, prepared.graph());
    Map<String, NodeConfig> told = new HashMap<>();
    for (Rule rule : qconfig.rules()) {
      List<Node> nodes =
          switch (rule) {
            case Rule.Named named -> List.of(names.node(named.node()));
            case Rule.Where where ->
                prepared.graph().nodes().stream().filter(where.nodes()).toList();
          };
      nodes.stream()
          .map(node -> key(groups, node))
          .distinct()
          .forEach(key -> told.merge(key, rule.config(), NodeConfig::then));
    }
    Map<String, NodeConfig> ordered = new LinkedHashMap<>();
    List<Rule> rules = new ArrayList<>();
    for (Node node : prepared.graph().nodes()) {
      NodeConfig config = told.get(node.name());
      if (config != null && !config.equals(NodeConfig.int8())) {
        ordered.put(node.name(), config);
        rules.add(new Rule.Named(node.name(), config));
      }
    }
    return new Told(qconfig.with(rules), groups, ordered);
  }

  private static String key(Groups groups, Node node) {
    return groups.of(node).map(Group::core).orElse(node).name();
  }

  /// How values with the same parameters are quantized, whose makers are these. What one of them is
  /// told holds for all.
  ///
  /// @throws IllegalArgumentException if two are told different things
  Settings joint(List<Node> makers) {
    Settings whole = qconfig.settings();
    return new Settings(
        whole.preset(),
        agreed(makers, NodeConfig.Int8::observer).orElse(whole.observer()),
        agreed(makers, NodeConfig.Int8::activations).orElse(whole.activations()),
        whole.weights());
  }

  private <T> Optional<T> agreed(List<Node> makers, Function<NodeConfig.Int8, Optional<T>> what) {
    Node first = null;
    Optional<T> agreed = Optional.empty();
    for (Node maker : makers) {
      Optional<T> own = config(maker) instanceof NodeConfig.Int8 i ? what.apply(i) : agreed;
      if (agreed.isPresent() && own.isPresent() && !own.equals(agreed)) {
        throw new IllegalArgumentException(
            "\"%s\" and \"%s\" make values with the same parameters, but are told %s and %s"
                .formatted(first.name(), maker.name(), agreed.get(), own.get()));
      }
      if (agreed.isEmpty() && own.isPresent()) {
        first = maker;
        agreed = own;
      }
    }
    return agreed;
  }

  private NodeConfig config(Node node) {
    return byNode.getOrDefault(key(groups, node), NodeConfig.int8());
  }

  /// Whether `node` must stay FP32.
  boolean isFp32(Node node) {
    return config(node) instanceof NodeConfig.Fp32;
  }

  /// How what `node` makes is quantized, and its weights.
  Settings settings(Node node) {
    return switch (config(node)) {
      case NodeConfig.Fp32 _ -> qconfig.settings();
      case NodeConfig.Int8 int8 -> qconfig.settings().with(int8);
    };
  }
}
