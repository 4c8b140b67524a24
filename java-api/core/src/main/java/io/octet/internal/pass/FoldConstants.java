package io.octet.internal.pass;

import io.octet.OctetException.InvalidModel;
import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Op;
import io.octet.graph.op.Operands;
import io.octet.graph.op.Quantization;
import io.octet.graph.op.ValueInfo;
import io.octet.internal.reference.Reference;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
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
      values.ifPresentOrElse(made -> name(node, made, constants), () -> kept.add(node));
    }
    return kept.size() == graph.nodes().size() ? graph : graph.with(constants, kept);
  }

  private static void name(Node node, List<Tensor> values, Map<String, Tensor> constants) {
    for (int i = 0; i < values.size(); i++) {
      if (!node.outputs().get(i).isEmpty()) {
        constants.put(node.outputs().get(i), values.get(i));
      }
    }
  }

  /// What a node makes of constants.
  ///
  /// @param constants the constant of a name, or null where it is none
  /// @param budget pays for all but views of an input
  /// @return a tensor for each of the node's outputs, or nothing: an input is no constant, or the
  ///   node is one that stays, which it does, too, where it takes too long
  /// @throws InvalidModel if types or shapes contradict the operator: the message names the node
  /// @throws io.octet.OctetException.Unsupported if the budget does not suffice
  public static Optional<List<Tensor>> evaluate(
      Node node, Function<String, Tensor> constants, GrowthBudget budget) {
    return stays(node.op()) ? Optional.empty() : compute(node, constants, budget);
  }

  /// The floats that a DequantizeLinear of constants makes.
  ///
  /// @param constants as {@link #evaluate}
  /// @param budget as {@link #evaluate}
  /// @throws InvalidModel as {@link #evaluate}
  /// @throws io.octet.OctetException.Unsupported as {@link #evaluate}
  public static Tensor dequantize(
      Node dequantize, Function<String, Tensor> constants, GrowthBudget budget) {
    return compute(dequantize, constants, budget).orElseThrow().getFirst();
  }

  private static Optional<List<Tensor>> compute(
      Node node, Function<String, Tensor> constants, GrowthBudget budget) {
    List<Tensor> inputs = new ArrayList<>();
    for (String input : node.inputs()) {
      inputs.add(input.isEmpty() ? null : constants.apply(input));
      if (!input.isEmpty() && inputs.getLast() == null) {
        return Optional.empty();
      }
    }
    return compute(node, inputs, budget);
  }

  /// DequantizeLinear stays, because weights that were quantized are meant to stay so, and so do
  /// layers: they are what is quantized, and the kernels' work.
  private static boolean stays(Op op) {
    return op instanceof Quantization.DequantizeLinear || !op.traits().weights().isEmpty();
  }

  private static Optional<List<Tensor>> compute(
      Node node, List<Tensor> inputs, GrowthBudget budget) {
    try {
      List<ValueInfo> made = node.op().infer(operands(node, inputs));
      if (made.size() < node.outputs().size()) {
        return Optional.empty();
      }
      if (Reference.isView(node.op())) {
        return Optional.of(List.of(inputs.getFirst().reshape(made.getFirst().shape())));
      }
      List<ValueInfo> wanted = made.subList(0, node.outputs().size());
      wanted.forEach(info -> budget.take(node, info.shape(), info.type()));
      if (!stays(node.op())
          && !budget.affords(Reference.reads(node.op(), inputs, elements(wanted)))) {
        return Optional.empty();
      }
      List<Tensor> outputs =
          wanted.stream().map(info -> Constants.zeros(info.type(), info.shape())).toList();
      Reference.evaluate(node.op(), inputs, outputs);
      return Optional.of(outputs);
    } catch (ArithmeticException | IllegalArgumentException e) {
      throw new InvalidModel(node + ": " + e.getMessage() + ", over constants " + inputs, e);
    }
  }

  private static double elements(List<ValueInfo> made) {
    return made.stream().mapToDouble(info -> info.shape().elements()).sum();
  }

  private static Operands operands(Node node, List<Tensor> inputs) {
    List<ValueInfo> infos = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      Tensor input = inputs.get(i);
      infos.add(input == null ? null : ValueInfo.of(node.input(i), input));
    }
    return new Operands(node.toString(), infos, inputs, node.outputs().size());
  }
}
