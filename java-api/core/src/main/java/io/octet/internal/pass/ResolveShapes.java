package io.octet.internal.pass;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Movement;
import io.octet.graph.op.ValueInfo;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Shapes that a network computes while it runs, as PyTorch exports `x.view(x.size(0), -1)`: what
/// is a number whatever the free axes are becomes a constant, and so does the target of a Reshape
/// where its own language suffices. There a free axis that the data has at the same place is 0
/// ("copy"), and the only other one is -1 ("infer"): with all other sizes given, no other number
/// keeps the elements. Nodes that only served to compute these go. Targets with more free axes are
/// left to the plan, which knows all sizes.
public final class ResolveShapes {
  private final Graph graph;
  private final Map<String, ValueInfo> values;
  private final FreshNames names;
  private final Map<Node, List<Tensor>> numbers = new HashMap<>();
  private final Map<Node, Target> targets = new HashMap<>();
  private final Map<String, Tensor> constants;
  private final Map<List<Long>, String> made = new HashMap<>();

  /// What a Reshape is given.
  ///
  /// @param copies whether 0 means "copy"
  private record Target(List<Long> sizes, boolean copies) {
    Tensor tensor() {
      return Tensor.of(sizes.stream().mapToLong(Long::longValue).toArray(), sizes.size());
    }
  }

  private ResolveShapes(Inferred inferred) {
    this.graph = inferred.graph();
    this.values = inferred.values();
    this.names = new FreshNames(graph);
    this.constants = new LinkedHashMap<>(graph.initializers());
  }

  /// The graph with constants in the place of shapes that are known.
  public static Graph rewrite(Graph graph) {
    return rewrite(new Inferred(graph));
  }

  static Graph rewrite(Inferred graph) {
    boolean computes = graph.graph().nodes().stream().anyMatch(n -> computesSizes(n, graph));
    return computes ? new ResolveShapes(graph).run() : graph.graph();
  }

  private static boolean computesSizes(Node node, Inferred graph) {
    return node.outputs().stream()
            .map(graph.values()::get)
            .anyMatch(info -> info != null && info.values().isPresent())
        || node.op() instanceof Movement.Reshape && graph.graph().constant(node.input(1)) == null;
  }

  private Graph run() {
    for (Node node : graph.nodes()) {
      Optional<List<Tensor>> known = numbers(node);
      known.ifPresent(tensors -> numbers.put(node, tensors));
      if (known.isEmpty() && node.op() instanceof Movement.Reshape(boolean allowZero)) {
        target(node, allowZero).ifPresent(target -> targets.put(node, target));
      }
    }
    if (numbers.isEmpty() && targets.isEmpty()) {
      return graph;
    }
    Set<String> needed = needed();
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (numbers.containsKey(node)) {
        for (int i = 0; i < node.outputs().size(); i++) {
          constants.put(node.outputs().get(i), numbers.get(node).get(i));
        }
      } else if (node.outputs().stream().anyMatch(needed::contains)) {
        nodes.add(targets.containsKey(node) ? resolved(node, needed) : node);
      }
    }
    return graph.with(constants, nodes);
  }

  /// What the node makes, where that is numbers alone.
  private Optional<List<Tensor>> numbers(Node node) {
    List<Tensor> tensors = new ArrayList<>();
    for (String output : node.outputs()) {
      Optional<Tensor> known = Optional.ofNullable(values.get(output)).flatMap(ValueInfo::constant);
      if (known.isEmpty()) {
        return Optional.empty();
      }
      tensors.add(known.get());
    }
    return Optional.of(tensors);
  }

  private Optional<Target> target(Node node, boolean allowZero) {
    List<Dim> wanted = values.get(node.input(1)).values().orElse(null);
    if (graph.constant(node.input(1)) != null || wanted == null) {
      return Optional.empty();
    }
    Shape data = values.get(node.input(0)).shape();
    // Where no size is 0, `allowZero` means nothing.
    boolean copies = !allowZero || !wanted.contains(Dim.of(0));
    List<Long> sizes = new ArrayList<>();
    for (int i = 0; i < wanted.size(); i++) {
      Dim dim = wanted.get(i);
      boolean known = !(dim instanceof Dim.Unknown) && i < data.rank() && data.dim(i).equals(dim);
      sizes.add(dim.number().orElse(copies && known ? 0 : -1));
    }
    return sizes.stream().filter(n -> n == -1).count() > 1
        ? Optional.empty()
        : Optional.of(new Target(sizes, copies));
  }

  /// The values that are read once numbers and targets are constants, and those that nobody read
  /// before: they are no affair of this pass.
  private Set<String> needed() {
    Set<String> needed = new HashSet<>();
    graph.outputs().forEach(o -> needed.add(o.name()));
    for (Node node : graph.nodes().reversed()) {
      node.outputs().stream().filter(o -> graph.consumers(o).isEmpty()).forEach(needed::add);
      if (!numbers.containsKey(node) && node.outputs().stream().anyMatch(needed::contains)) {
        needed.addAll(targets.containsKey(node) ? List.of(node.input(0)) : node.inputs());
      }
    }
    return needed;
  }

  private Node resolved(Node node, Set<String> needed) {
    Target target = targets.get(node);
    String name =
        made.computeIfAbsent(
            target.sizes(),
            _ -> {
              String wanted = node.input(1);
              boolean free = !needed.contains(wanted) && !constants.containsKey(wanted);
              return free ? wanted : names.value(wanted);
            });
    constants.put(name, target.tensor());
    return new Node(
        node.name(),
        new Movement.Reshape(!target.copies()),
        List.of(node.input(0), name),
        node.outputs());
  }
}
