package io.octet.internal.pass;

import io.octet.OctetException.InvalidModel;
import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.ShapeInference;
import io.octet.graph.op.Convolution;
import io.octet.graph.op.Normalization;
import io.octet.graph.op.Op;
import io.octet.graph.op.Product;
import io.octet.graph.op.Quantization;
import io.octet.graph.op.ValueInfo;
import io.octet.internal.reference.Reference;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// Computes nodes whose inputs are all constant: to everybody behind it, a constant that an
/// exporter left as an expression is a constant.
public final class FoldConstants {
  private FoldConstants() {}

  static Graph rewrite(Graph graph, GrowthBudget budget) {
    Map<String, Tensor> constants = new LinkedHashMap<>(graph.initializers());
    List<Node> kept = new ArrayList<>();
    for (Node node : graph.nodes()) {
      Optional<List<Tensor>> values = evaluate(node, constants::get, budget);
      for (int i = 0; values.isPresent() && i < node.outputs().size(); i++) {
        constants.put(node.outputs().get(i), values.get().get(i));
      }
      if (values.isEmpty()) {
        kept.add(node);
      }
    }
    return kept.size() == graph.nodes().size() ? graph : graph.with(constants, kept);
  }

  /// What a node makes of constants.
  ///
  /// @param constants the constant of a name, or null where it is none
  /// @param budget pays for all but views of an input
  /// @return a tensor for each of the node's outputs, or nothing: an input is no constant, or the
  ///   node is one that stays
  /// @throws InvalidModel if types or shapes contradict the operator: the message names the node
  /// @throws io.octet.OctetException.Unsupported if the budget does not suffice
  public static Optional<List<Tensor>> evaluate(
      Node node, Function<String, Tensor> constants, GrowthBudget budget) {
    Map<String, Tensor> known = new LinkedHashMap<>();
    for (String input : node.inputs()) {
      Tensor constant = input.isEmpty() ? null : constants.apply(input);
      if (!input.isEmpty() && constant == null) {
        return Optional.empty();
      }
      known.put(input, constant);
    }
    if (stays(node.op()) || node.outputs().size() > 1) {
      return Optional.empty();
    }
    List<Tensor> inputs =
        Arrays.asList(node.inputs().stream().map(known::get).toArray(Tensor[]::new));
    known.remove("");
    ValueInfo made = infer(node, known);
    if (Reference.isView(node.op())) {
      return Optional.of(List.of(inputs.getFirst().reshape(made.shape())));
    }
    budget.take(node, made.shape(), made.type());
    Tensor y = allocate(made);
    try {
      Reference.evaluate(node.op(), inputs, List.of(y));
    } catch (ArithmeticException e) {
      throw new InvalidModel(node + ": " + e.getMessage() + " in constants " + inputs, e);
    }
    return Optional.of(List.of(y));
  }

  /// DequantizeLinear stays, because weights that were quantized are meant to stay so, and layers
  /// do, because they are what is quantized, and are the kernels' work.
  private static boolean stays(Op op) {
    return op instanceof Quantization.DequantizeLinear
        || op instanceof Convolution
        || op instanceof Product
        || op instanceof Normalization.BatchNormalization;
  }

  /// The rules applied to this node alone: they also check its inputs.
  private static ValueInfo infer(Node node, Map<String, Tensor> inputs) {
    ValueInfo y = new ValueInfo(node.output(), DataType.F32, Shape.of());
    Graph alone = new Graph(node.name(), List.of(), List.of(y), inputs, List.of(node));
    return ShapeInference.infer(alone).get(node.output());
  }

  private static Tensor allocate(ValueInfo made) {
    int count = Math.toIntExact(made.shape().elements());
    MemorySegment data =
        switch (made.type().bytes()) {
          case 1 -> MemorySegment.ofArray(new byte[count]);
          case 2 -> MemorySegment.ofArray(new short[count]);
          case 4 -> MemorySegment.ofArray(new int[count]);
          default -> MemorySegment.ofArray(new long[count]);
        };
    return Tensor.wrap(made.type(), made.shape(), data);
  }
}
