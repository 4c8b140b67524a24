package io.octet.internal.compile;

import io.octet.graph.op.Unary;
import io.octet.internal.compile.RandomGraph.Value;
import java.util.Arrays;
import java.util.Random;

/// Adds random operators to a random graph, on whatever values it has.
final class RandomOps {
  private final RandomGraph graph;
  private final RandomQuantization quantization;
  private final Random random;
  private final RandomElements elements;
  private final RandomLayers layers;
  private final RandomPools pools;
  private final RandomMovements movements;

  /// @param exact only operators whose results a float holds exactly, with quantization; else all
  ///   operators, without
  RandomOps(RandomGraph graph, boolean exact) {
    this.graph = graph;
    this.random = graph.random;
    this.quantization = new RandomQuantization(graph, exact);
    this.elements = new RandomElements(graph, quantization);
    this.layers = new RandomLayers(graph, quantization, elements);
    this.pools = new RandomPools(graph, quantization);
    this.movements = new RandomMovements(graph);
  }

  void step() {
    if (graph.chance(0.04)) {
      constant();
    }
    Value x = graph.chance(0.7) ? graph.values().getLast() : any();
    Value y = tamed(x.rank() == 4 && graph.chance(0.6) ? ofImage(x) : ofAny(x));
    if (quantization.isExact() && y != x && (!fits(y) || graph.chance(0.75))) {
      Value q = quantization.quantized(y);
      if (graph.chance(0.85)) {
        graph.values().remove(y);
      }
      graph.values().remove(q);
      graph.values().add(q);
    }
    if (graph.chance(0.3)) {
      graph.values().remove(x);
      if (graph.values().isEmpty()) {
        graph.values().add(y);
      }
    }
  }

  /// A constant among the activations: what behind it is constant too need not be folded.
  private Value constant() {
    long[] shape = any().shape().clone();
    Arrays.fill(shape, 0, Math.min(1, shape.length), 1);
    Value c = new Value(graph.floats(60, -4, shape), shape, -4, 60, 2);
    return quantization.isExact() && graph.chance(0.7) ? quantization.quantized(c) : graph.keep(c);
  }

  private Value any() {
    return graph.values().get(random.nextInt(graph.values().size()));
  }

  /// Large floats lose their differences, and with them any meaning of a relative error.
  private Value tamed(Value x) {
    return quantization.isExact() || x.rms() < 8
        ? x
        : quantization.replaced(
            x, graph.add(new Unary.Tanh(), x.shape(), x.exponent(), x.steps(), 1, x.name()));
  }

  private boolean fits(Value x) {
    return x.hasRoomFor(1 << 4);
  }

  private Value ofImage(Value x) {
    return switch (random.nextInt(9)) {
      case 0 -> pools.maxPool(x);
      case 1 -> pools.averagePool(x);
      case 2 -> pools.globalPool(x);
      case 3 -> layers.residual(x);
      default -> layers.conv(x);
    };
  }

  private Value ofAny(Value x) {
    if (x.rank() == 0) {
      return elements.unary(x);
    }
    return switch (random.nextInt(20)) {
      case 0, 1, 2 -> elements.unary(x);
      case 3, 4 -> elements.sum(x);
      case 5 -> elements.product(x);
      case 6 -> movements.concat(x);
      case 7 -> movements.reshape(x);
      case 8 -> movements.flatten(x);
      case 9 -> movements.transpose(x);
      case 10, 11 -> x.rank() == 2 ? layers.gemm(x) : movements.flatten(x);
      case 12, 13 -> layers.matMul(x);
      case 14 -> layers.activations(x);
      case 15 -> layers.batchNorm(x);
      case 16, 17 -> movements.pick(x);
      case 18 -> elements.choice(x);
      default -> quantization.isExact() ? elements.unary(x) : elements.softmax(x);
    };
  }
}
