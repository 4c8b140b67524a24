package io.octet.internal.pass;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Convolution;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Normalization;
import io.octet.graph.op.Pooling;
import io.octet.graph.op.Product;
import io.octet.graph.op.Quantization;
import io.octet.graph.op.Unary;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The quantization groups of a graph, as PyTorch's eager flow fuses them: Conv or Linear with a
/// following Relu or Clip, and Add with a following Relu or Clip. This is the one list of patterns:
/// it serves float graphs and graphs with QuantizeLinear nodes alike, where weights stand behind a
/// DequantizeLinear. A value that is an output of the graph, or that somebody else reads, ends its
/// group.
public final class Groups {
  private final List<Group> all;
  private final Map<String, Group> byNode = new HashMap<>();

  private final Set<String> constants;

  private Groups(List<Group> all, Set<String> constants) {
    this.all = List.copyOf(all);
    this.constants = constants;
    all.forEach(g -> g.nodes().forEach(n -> byNode.put(n.name(), g)));
  }

  /// Finds the groups of `graph`.
  public static Groups of(Graph graph) {
    return new Search(graph).run();
  }

  /// All groups, in the order of their cores.
  public List<Group> all() {
    return all;
  }

  /// The group that `node` belongs to.
  public Optional<Group> of(Node node) {
    return Optional.ofNullable(byNode.get(node.name()));
  }

  /// Whether `value` is a constant, as it is or behind DequantizeLinear, QuantizeLinear or a
  /// transposition.
  public boolean isConstant(String value) {
    return constants.contains(value);
  }

  /// Whether the output of a Relu or Clip cannot be negative.
  static boolean isNonNegative(Node activation) {
    return activation.op() instanceof Unary.Relu
        || activation.op() instanceof Unary.Clip(float min, float _) && min >= 0;
  }

  /// One walk over a graph.
  private static final class Search {
    private final Graph graph;

    /// The constant that a value is, as it is or behind DequantizeLinear, QuantizeLinear or a
    /// transposition.
    private final Map<String, Tensor> sources;

    Search(Graph graph) {
      this.graph = graph;
      this.sources = new HashMap<>(graph.initializers());
      for (Node node : graph.nodes()) {
        Tensor source = keepsConstant(node) ? sources.get(node.input(0)) : null;
        if (source != null) {
          sources.put(node.output(), source);
        }
      }
    }

    private static boolean keepsConstant(Node node) {
      return node.op() instanceof Quantization.DequantizeLinear
          || node.op() instanceof Quantization.QuantizeLinear
          || node.op() instanceof Movement.Transpose;
    }

    Groups run() {
      List<Group> found = new ArrayList<>();
      Set<String> taken = new HashSet<>();
      for (Node node : graph.nodes()) {
        if (!taken.contains(node.name()) && isCore(node)) {
          Group group = grow(node);
          group.nodes().forEach(n -> taken.add(n.name()));
          found.add(group);
        }
      }
      return new Groups(found, Set.copyOf(sources.keySet()));
    }

    private boolean isConstant(String value) {
      return sources.containsKey(value);
    }

    private boolean isCore(Node node) {
      return switch (node.op()) {
        case Convolution.Conv _ -> isWeighted(node);
        case Product.Gemm gemm -> !gemm.transA() && isWeighted(node) && hasVectorBias(node);
        case Product.MatMul _ -> isWeighted(node) && rank(node.input(1)) == 2;
        case Binary.Add _ -> !isConstant(node.input(0)) && !isConstant(node.input(1));
        case Normalization.BatchNormalization _,
            Unary.Relu _,
            Unary.Clip _,
            Unary.LeakyRelu _,
            Unary.Sigmoid _ ->
            false;
        case Unary.HardSigmoid _,
            Unary.HardSwish _,
            Unary.Tanh _,
            Binary.Mul _,
            Pooling.MaxPool _ ->
            false;
        case Pooling.AveragePool _,
            Pooling.GlobalAveragePool _,
            Movement.Flatten _,
            Movement.Reshape _ ->
            false;
        case Movement.Transpose _,
            Movement.Concat _,
            Normalization.Softmax _,
            Movement.Identity _,
            Movement.Dropout _ ->
            false;
        case Quantization.QuantizeLinear _, Quantization.DequantizeLinear _ -> false;
      };
    }

    private boolean isWeighted(Node node) {
      return !isConstant(node.input(0))
          && isConstant(node.input(1))
          && (!node.hasInput(2) || isConstant(node.input(2)));
    }

    private boolean hasVectorBias(Node node) {
      return !node.hasInput(2) || rank(node.input(2)) <= 1;
    }

    private Group grow(Node core) {
      Node next = Rewrite.onlyConsumer(graph, core.output());
      Optional<Node> bias = Optional.empty();
      if (core.op() instanceof Product.MatMul && next != null && isBias(core, next)) {
        bias = Optional.of(next);
        next = Rewrite.onlyConsumer(graph, next.output());
      }
      boolean active =
          next != null && (next.op() instanceof Unary.Relu || next.op() instanceof Unary.Clip);
      return new Group(core, bias, active ? Optional.of(next) : Optional.empty());
    }

    private boolean isBias(Node matMul, Node next) {
      if (!(next.op() instanceof Binary.Add)) {
        return false;
      }
      String term = next.input(next.input(0).equals(matMul.output()) ? 1 : 0);
      if (!isConstant(term)) {
        return false;
      }
      Tensor bias = sources.get(term);
      Tensor weights = sources.get(matMul.input(1));
      return bias.shape().rank() == 1 && bias.elements() == columns(matMul, weights);
    }

    private long columns(Node matMul, Tensor weights) {
      Node producer = graph.producer(matMul.input(1));
      boolean transposed = producer != null && producer.op() instanceof Movement.Transpose;
      return weights.shape().size(transposed ? 0 : 1);
    }

    private int rank(String value) {
      return sources.get(value).shape().rank();
    }
  }
}
