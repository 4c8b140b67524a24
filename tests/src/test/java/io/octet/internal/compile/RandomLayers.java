package io.octet.internal.compile;

import io.octet.graph.op.Convolution;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Normalization;
import io.octet.graph.op.Op;
import io.octet.graph.op.Product;
import io.octet.graph.op.Window;
import io.octet.internal.compile.RandomGraph.Value;
import io.octet.internal.compile.RandomQuantization.Weights;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/// Convolutions, linear layers, products of activations and normalization.
final class RandomLayers {
  private final RandomGraph graph;
  private final RandomQuantization quantization;
  private final Random random;
  private final RandomElements elements;

  RandomLayers(RandomGraph graph, RandomQuantization quantization, RandomElements elements) {
    this.graph = graph;
    this.quantization = quantization;
    this.random = graph.random;
    this.elements = elements;
  }

  Value conv(Value x) {
    int channels = (int) x.shape()[1];
    int groups =
        graph.chance(0.6)
            ? 1
            : graph.chance(0.7) ? channels : RandomMovements.divisor(random, channels);
    int out = groups * random.nextInt(1, groups == 1 ? 20 : 3);
    Window window = RandomPools.window(graph, x);
    int inner = channels / groups * window.kernelH() * window.kernelW();
    return layer(
        x,
        inner,
        out,
        0,
        new long[] {out, channels / groups, window.kernelH(), window.kernelW()},
        new Convolution.Conv(window, groups),
        new long[] {
          x.shape()[0],
          out,
          window.resolve(x.shape()[2], x.shape()[3]).outputH(x.shape()[2], false),
          window.resolve(x.shape()[2], x.shape()[3]).outputW(x.shape()[3], false)
        });
  }

  private Value layer(Value from, int inner, int out, int axis, long[] weights, Op op, long[] y) {
    Value x = quantization.room(from, 256.0 * inner * 2);
    if (x == null) {
      return from;
    }
    int exponent = -7 - (int) Math.round(Math.log(Math.sqrt(inner)) / Math.log(2));
    Weights w = quantization.weights(exponent, axis, weights);
    int sum = x.exponent() + w.exponent();
    if (op instanceof Product.MatMul || graph.chance(0.3)) {
      return graph.add(op, y, sum, x.steps() * w.steps() * inner, x.rms(), x.name(), w.name());
    }
    double most = Math.scalb(x.rms(), -sum);
    String bias = quantization.bias(sum, most, out);
    double steps = x.steps() * w.steps() * inner + most;
    return graph.add(op, y, sum, steps, x.rms(), x.name(), w.name(), bias);
  }

  /// relu(conv(x) + x), with everything that may stand between.
  Value residual(Value x) {
    Value skip = quantization.isExact() && graph.chance(0.8) ? quantization.quantized(x) : x;
    Window window = Window.of(3, 3).pads(1, 1, 1, 1);
    int channels = (int) x.shape()[1];
    long[] shape = {channels, channels, 3, 3};
    Value body =
        layer(skip, channels * 9, channels, 0, shape, new Convolution.Conv(window, 1), x.shape());
    if (quantization.isExact() && graph.chance(0.8)) {
      body = quantization.quantized(body);
    }
    Value sum = graph.chance(0.5) ? elements.add(body, skip) : elements.add(skip, body);
    return sum == null ? x : graph.chance(0.7) ? elements.unary(sum) : sum;
  }

  Value gemm(Value from) {
    boolean transA = graph.chance(0.2);
    boolean transB = graph.chance(0.5);
    int inner = (int) from.shape()[transA ? 0 : 1];
    int rows = (int) from.shape()[transA ? 1 : 0];
    int out = random.nextInt(1, 12);
    long[] shape = transB ? new long[] {out, inner} : new long[] {inner, out};
    long[] y = {rows, out};
    float alpha = graph.oneOf(1f, 1f, 1f, 0.5f, 2f);
    float beta = graph.oneOf(1f, 1f, 1f, 0.5f, 0f);
    Op op = new Product.Gemm(alpha, beta, transA, transB);
    int axis = transB ? 0 : 1;
    if (alpha == 1 && beta == 1 && graph.chance(0.6)) {
      return layer(from, inner, out, axis, shape, op, y);
    }
    Value x = quantization.room(from, 256.0 * inner * 16);
    if (x == null) {
      return from;
    }
    Weights w = quantization.weights(-9, axis, shape);
    int sum = x.exponent() + w.exponent() - 1;
    double steps = x.steps() * w.steps() * inner * 4 + 200;
    String c =
        switch (random.nextInt(graph.hasFreeBatch() ? 4 : 7)) {
          case 0 -> graph.floats(99, sum + 1);
          case 1 -> graph.floats(99, sum + 1, 1);
          case 2 -> graph.floats(99, sum + 1, 1, out);
          case 3 -> graph.floats(99, sum + 1, out);
          case 4 -> graph.floats(99, sum + 1, rows, 1);
          case 5 -> graph.floats(99, sum + 1, rows, out);
          default -> graph.floats(99, sum + 1, 1, 1);
        };
    return graph.add(op, y, sum, steps, x.rms(), x.name(), w.name(), c);
  }

  Value matMul(Value x) {
    int inner = (int) x.last();
    int out = random.nextInt(1, 12);
    long[] y = x.shape().clone();
    y[y.length - 1] = out;
    Value made = layer(x, inner, out, 1, new long[] {inner, out}, new Product.MatMul(), y);
    return made != x && graph.chance(0.6) ? elements.sum(made) : made;
  }

  /// A product of two activations: x times its own transposition.
  Value activations(Value from) {
    if (from.rank() < 2) {
      return from;
    }
    Value x = quantization.room(from, from.steps() * from.last() * 2);
    if (x == null) {
      return from;
    }
    int rank = x.rank();
    List<Integer> perm = new ArrayList<>(IntStream.range(0, rank).boxed().toList());
    perm.set(rank - 1, rank - 2);
    perm.set(rank - 2, rank - 1);
    String other = graph.add(new Movement.Transpose(perm), x.name());
    long[] y = x.shape().clone();
    y[rank - 1] = y[rank - 2];
    double steps = x.steps() * x.steps() * x.last();
    double rms = x.rms() * x.rms() * x.last();
    return graph.add(new Product.MatMul(), y, 2 * x.exponent(), steps, rms, x.name(), other);
  }

  Value batchNorm(Value from) {
    Value x = quantization.room(from, 16);
    if (x == null || x.rank() < 2) {
      return from;
    }
    int channels = (int) x.shape()[1];
    float epsilon = Math.scalb(1f, -10);
    float[] variance = new float[channels];
    Arrays.fill(variance, 1 - epsilon);
    return graph.add(
        new Normalization.BatchNormalization(epsilon),
        x.shape(),
        x.exponent() - 2,
        x.steps() * 8 + 200,
        x.rms(),
        x.name(),
        graph.floats(4, -2, channels),
        graph.floats(100, x.exponent(), channels),
        graph.floats(100, x.exponent(), channels),
        graph.constant(Tensor.of(variance, channels)));
  }
}
