package io.octet.internal.compile;

import io.octet.graph.op.Binary;
import io.octet.graph.op.Comparison;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Normalization;
import io.octet.graph.op.Op;
import io.octet.graph.op.Selection;
import io.octet.graph.op.Unary;
import io.octet.internal.compile.RandomGraph.Value;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/// Elementwise operators and Softmax.
final class RandomElements {
  private final RandomGraph graph;
  private final RandomQuantization quantization;
  private final Random random;

  RandomElements(RandomGraph graph, RandomQuantization quantization) {
    this.graph = graph;
    this.quantization = quantization;
    this.random = graph.random;
  }

  Value unary(Value x) {
    Op relu = new Unary.Relu();
    Op clip = graph.oneOf(new Unary.Clip(0, 2), new Unary.Clip(-1, 1), new Unary.Clip(0.5f, 4));
    if (graph.chance(0.6)) {
      Op op = graph.chance(0.7) ? relu : x.exponent() <= -1 ? clip : relu;
      return graph.add(
          op,
          x.shape(),
          x.exponent(),
          Math.max(x.steps(), Math.scalb(4.0, -x.exponent())),
          x.rms(),
          x.name());
    }
    if (quantization.isExact()) {
      Op op =
          graph.oneOf(new Unary.LeakyRelu(0.25f), new Movement.Identity(), new Movement.Dropout());
      Value room = op instanceof Unary.LeakyRelu ? quantization.room(x, 8) : x;
      if (room == null) {
        return x;
      }
      int less = op instanceof Unary.LeakyRelu ? 2 : 0;
      return graph.add(
          op,
          x.shape(),
          room.exponent() - less,
          Math.scalb(room.steps(), less),
          x.rms(),
          room.name());
    }
    Op op =
        graph.oneOf(
            new Unary.LeakyRelu(0.1f),
            new Unary.Sigmoid(),
            new Unary.HardSigmoid(0.2f, 0.5f),
            new Unary.HardSwish(),
            new Unary.Tanh(),
            new Movement.Identity(),
            new Movement.Dropout());
    return graph.add(op, x.shape(), x.exponent(), x.steps(), x.rms(), x.name());
  }

  Value sum(Value x) {
    if (graph.chance(0.5)) {
      return constantTerm(x, new Binary.Add());
    }
    Value other = partner(x);
    Value y = other == null ? null : add(x, other);
    return y == null ? x : y;
  }

  /// A plan may leave out the quantization of a term: the sum without it must be exact, too.
  Value add(Value first, Value second) {
    Value a = quantization.unquantized(first);
    Value b = quantization.unquantized(second);
    int exponent = Math.min(a.exponent(), b.exponent());
    double steps =
        Math.scalb(a.steps(), a.exponent() - exponent)
            + Math.scalb(b.steps(), b.exponent() - exponent);
    if (quantization.isExact() && steps > 1 << 24) {
      return null;
    }
    return graph.add(
        new Binary.Add(),
        wider(a, b),
        exponent,
        steps,
        Math.hypot(a.rms(), b.rms()),
        first.name(),
        second.name());
  }

  Value product(Value x) {
    if (graph.chance(0.4)) {
      return constantTerm(x, new Binary.Mul());
    }
    Value other = partner(x);
    if (other == null || quantization.isExact() && x.steps() * other.steps() > 1 << 24) {
      return x;
    }
    int exponent = x.exponent() + other.exponent();
    return graph.add(
        new Binary.Mul(),
        wider(x, other),
        exponent,
        x.steps() * other.steps(),
        x.rms() * other.rms(),
        x.name(),
        other.name());
  }

  /// The larger, the smaller, the difference of two values, or one of them for each element.
  Value choice(Value x) {
    Value other = partner(x);
    int exponent = Math.min(x.exponent(), other.exponent());
    double steps =
        Math.scalb(x.steps(), x.exponent() - exponent)
            + Math.scalb(other.steps(), other.exponent() - exponent);
    if (quantization.isExact() && steps > 1 << 24) {
      return x;
    }
    double rms = Math.hypot(x.rms(), other.rms());
    long[] y = wider(x, other);
    if (graph.chance(0.3)) {
      String larger = graph.add(new Comparison.Less(), x.name(), other.name());
      return graph.add(
          new Selection.Where(), y, exponent, steps, rms, larger, x.name(), other.name());
    }
    Op op = graph.oneOf(new Binary.Max(), new Binary.Min(), new Binary.Sub());
    return graph.add(op, y, exponent, steps, rms, x.name(), other.name());
  }

  private Value constantTerm(Value from, Op op) {
    Value x = quantization.room(from, 128);
    if (x == null) {
      return from;
    }
    boolean sum = op instanceof Binary.Add;
    int exponent = sum ? x.exponent() : -4;
    int rank = x.rank();
    long[] full = x.shape().clone();
    full[0] = graph.chance(0.5) ? 1 : full[0];
    long[] channels = new long[Math.max(1, rank - 1)];
    Arrays.fill(channels, 1);
    channels[0] = rank > 1 ? x.shape()[1] : 1;
    long[] shape =
        graph.oneOf(
            new long[0],
            new long[] {1},
            new long[] {x.last()},
            full,
            channels,
            new long[] {1, x.last()});
    shape = shape.length > rank ? new long[0] : shape;
    String c = graph.floats(60, exponent, shape);
    if (quantization.isExact() && graph.chance(0.3)) {
      Value constant = new Value(c, shape, exponent, 60, Math.scalb(30.0, exponent));
      Value q = quantization.quantized(constant);
      graph.values().remove(q);
      c = q.name();
      exponent = Math.min(exponent, q.exponent());
    }
    int made = sum ? Math.min(x.exponent(), exponent) : x.exponent() + exponent;
    double steps = sum ? Math.scalb(x.steps(), x.exponent() - made) * 2 + 256 : x.steps() * 256;
    double rms = sum ? x.rms() : x.rms() * 2;
    return graph.chance(0.5)
        ? graph.add(op, x.shape(), made, steps, rms, x.name(), c)
        : graph.add(op, x.shape(), made, steps, rms, c, x.name());
  }

  /// A value that goes with `x` in a sum: of its shape, or broadcast to it; `x` itself now and
  /// then.
  private Value partner(Value x) {
    List<Value> fitting =
        graph.values().stream().filter(v -> broadcasts(v, x) || broadcasts(x, v)).toList();
    return graph.chance(0.1) || fitting.isEmpty() ? x : fitting.get(random.nextInt(fitting.size()));
  }

  private static boolean broadcasts(Value small, Value large) {
    int lead = large.rank() - small.rank();
    return lead >= 0
        && IntStream.range(0, small.rank())
            .allMatch(i -> small.shape()[i] == 1 || small.shape()[i] == large.shape()[lead + i]);
  }

  private static long[] wider(Value a, Value b) {
    return broadcasts(b, a) ? a.shape() : b.shape();
  }

  Value softmax(Value x) {
    Op op = new Normalization.Softmax(random.nextInt(-x.rank(), x.rank()));
    return graph.add(op, x.shape(), x.exponent(), x.steps(), x.rms(), x.name());
  }
}
