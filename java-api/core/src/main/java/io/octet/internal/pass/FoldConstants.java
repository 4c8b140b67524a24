package io.octet.internal.pass;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.ShapeInference;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Convolution;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Normalization;
import io.octet.graph.op.Pooling;
import io.octet.graph.op.Product;
import io.octet.graph.op.Quantization;
import io.octet.graph.op.Unary;
import io.octet.graph.op.ValueInfo;
import io.octet.internal.pass.Rearrange.Walk;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Computes nodes whose inputs are all constant: data movement, sums and products, and
/// QuantizeLinear. DequantizeLinear stays, because int8 weights are meant to stay int8.
final class FoldConstants {
  private FoldConstants() {}

  static Graph rewrite(Graph graph, GrowthBudget budget) {
    Map<String, Tensor> constants = new LinkedHashMap<>(graph.initializers());
    List<Node> kept = new ArrayList<>();
    for (Node node : graph.nodes()) {
      boolean constant =
          node.outputs().size() == 1
              && node.inputs().stream().allMatch(i -> i.isEmpty() || constants.containsKey(i));
      Optional<Tensor> value = constant ? evaluate(node, constants, budget) : Optional.empty();
      value.ifPresentOrElse(t -> constants.put(node.output(), t), () -> kept.add(node));
    }
    return kept.size() == graph.nodes().size() ? graph : graph.with(constants, kept);
  }

  private static Optional<Tensor> evaluate(
      Node node, Map<String, Tensor> constants, GrowthBudget budget) {
    List<Tensor> in = node.inputs().stream().filter(i -> !i.isEmpty()).map(constants::get).toList();
    return switch (node.op()) {
      case Movement.Identity _, Movement.Dropout _ -> Optional.of(in.getFirst());
      case Movement.Reshape _, Movement.Flatten _ ->
          Optional.of(in.getFirst().reshape(shapeOf(node, constants)));
      case Movement.Transpose(List<Integer> perm) -> {
        shapeOf(node, constants);
        yield Optional.of(Rearrange.transpose(in.getFirst(), perm));
      }
      case Movement.Concat(int axis) -> {
        Shape shape = shapeOf(node, constants);
        int at = axis < 0 ? axis + shape.rank() : axis;
        yield Optional.of(Rearrange.concat(in, shape, at));
      }
      case Binary.Add _ -> Optional.of(combine(in, room(node, constants, budget), Float::sum));
      case Binary.Mul _ -> Optional.of(combine(in, room(node, constants, budget), (a, b) -> a * b));
      case Quantization.QuantizeLinear(int axis, DataType type) -> {
        Shape shape = shapeOf(node, constants);
        int at = axis < 0 ? axis + shape.rank() : axis;
        Scales scales = Scales.of(in.get(1), in.size() > 2 ? in.get(2) : null, at);
        yield Optional.of(scales.quantize(in.getFirst(), type));
      }
      case Quantization.DequantizeLinear _, Convolution.Conv _, Product.Gemm _, Product.MatMul _ ->
          Optional.empty();
      case Normalization.BatchNormalization _, Unary.Relu _, Unary.Clip _, Unary.LeakyRelu _ ->
          Optional.empty();
      case Unary.Sigmoid _, Unary.HardSigmoid _, Unary.HardSwish _, Unary.Tanh _ ->
          Optional.empty();
      case Pooling.MaxPool _, Pooling.AveragePool _, Pooling.GlobalAveragePool _ ->
          Optional.empty();
      case Normalization.Softmax _ -> Optional.empty();
    };
  }

  /// The shape of what the node computes, for which there is room.
  private static Shape room(Node node, Map<String, Tensor> constants, GrowthBudget budget) {
    ValueInfo made = infoOf(node, constants);
    budget.take(node, made.shape(), made.type());
    return made.shape();
  }

  private static Shape shapeOf(Node node, Map<String, Tensor> constants) {
    return infoOf(node, constants).shape();
  }

  /// The shape rules applied to this node alone: they also check its inputs.
  private static ValueInfo infoOf(Node node, Map<String, Tensor> constants) {
    Map<String, Tensor> mine = new LinkedHashMap<>();
    node.inputs().stream().filter(i -> !i.isEmpty()).forEach(i -> mine.put(i, constants.get(i)));
    ValueInfo y = new ValueInfo(node.output(), DataType.F32, Shape.of());
    Graph alone = new Graph(node.name(), List.of(), List.of(y), mine, List.of(node));
    return ShapeInference.infer(alone).get(node.output());
  }

  /// A function of two floats.
  private interface FloatFunction {
    float apply(float a, float b);
  }

  private static Tensor combine(List<Tensor> in, Shape to, FloatFunction f) {
    Walk a = new Walk(to.sizes(), Rearrange.broadcastStrides(in.get(0).shape(), to));
    Walk b = new Walk(to.sizes(), Rearrange.broadcastStrides(in.get(1).shape(), to));
    float[] y = new float[Math.toIntExact(to.elements())];
    for (int i = 0; i < y.length; i++) {
      y[i] = f.apply(in.get(0).getFloat(a.next()), in.get(1).getFloat(b.next()));
    }
    return Tensor.of(y, to.sizes());
  }
}
