package io.octet.internal.compile;

import io.octet.graph.op.Movement;
import io.octet.graph.op.Op;
import io.octet.graph.op.Reduction;
import io.octet.graph.op.Selection;
import io.octet.internal.compile.RandomGraph.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/// Operators that only move values.
final class RandomMovements {
  private final RandomGraph graph;
  private final Random random;

  RandomMovements(RandomGraph graph) {
    this.graph = graph;
    this.random = graph.random;
  }

  Value concat(Value x) {
    int axis = random.nextInt(x.rank());
    List<Value> joined = new ArrayList<>(List.of(x));
    for (int i = random.nextInt(1, 3); i > 0; i--) {
      List<Value> fitting =
          graph.values().stream()
              .filter(v -> v.rank() == x.rank())
              .filter(
                  v ->
                      IntStream.range(0, x.rank())
                          .allMatch(j -> j == axis || v.shape()[j] == x.shape()[j]))
              .toList();
      joined.add(
          fitting.isEmpty() || graph.chance(0.2) ? x : fitting.get(random.nextInt(fitting.size())));
    }
    int exponent = joined.stream().mapToInt(Value::exponent).min().getAsInt();
    double steps =
        joined.stream()
            .mapToDouble(v -> Math.scalb(v.steps(), v.exponent() - exponent))
            .max()
            .getAsDouble();
    double rms = joined.stream().mapToDouble(Value::rms).max().getAsDouble();
    long[] y = x.shape().clone();
    y[axis] = joined.stream().mapToLong(v -> v.shape()[axis]).sum();
    Op op = new Movement.Concat(graph.chance(0.5) ? axis : axis - x.rank());
    return graph.add(
        op, y, exponent, steps, rms, joined.stream().map(Value::name).toArray(String[]::new));
  }

  private Value moved(Value x, Op op, long[] shape, String... more) {
    List<String> from = new ArrayList<>(List.of(x.name()));
    from.addAll(List.of(more));
    return graph.add(op, shape, x.exponent(), x.steps(), x.rms(), from.toArray(String[]::new));
  }

  Value flatten(Value x) {
    int axis = graph.chance(0.7) ? 1 : random.nextInt(x.rank() + 1);
    long outer = 1;
    for (int i = 0; i < axis; i++) {
      outer *= x.shape()[i];
    }
    return moved(x, new Movement.Flatten(axis), new long[] {outer, x.elements() / outer});
  }

  Value reshape(Value x) {
    long n = x.shape()[0];
    long rest = x.elements() / n;
    long a = divisor(random, (int) rest);
    long b = divisor(random, (int) (rest / a));
    Op op = new Movement.Reshape(false);
    return switch (random.nextInt(6)) {
      case 0 -> moved(x, op, new long[] {n, rest}, graph.longs(0, -1));
      case 1 ->
          moved(x, op, new long[] {x.elements() / x.last(), x.last()}, graph.longs(-1, x.last()));
      case 2 -> moved(x, op, new long[] {n, a, rest / a}, graph.longs(0, a, -1));
      case 3 -> moved(x, op, new long[] {n, a, 1, rest / a}, graph.longs(0, -1, 1, rest / a));
      case 4 -> moved(x, op, new long[] {x.elements()}, graph.longs(-1));
      default -> moved(x, op, new long[] {n, a, b, rest / a / b}, graph.longs(0, a, b, -1));
    };
  }

  Value transpose(Value x) {
    List<Integer> perm = new ArrayList<>(IntStream.range(0, x.rank()).boxed().toList());
    Collections.shuffle(perm, random);
    if (x.rank() == 4 && graph.chance(0.5)) {
      perm = graph.oneOf(List.of(0, 2, 3, 1), List.of(0, 3, 1, 2));
    }
    List<Integer> order = perm;
    long[] y = IntStream.range(0, x.rank()).mapToLong(i -> x.shape()[order.get(i)]).toArray();
    boolean reversed = graph.chance(0.1);
    for (int i = 0; reversed && i < y.length; i++) {
      y[i] = x.shape()[y.length - 1 - i];
    }
    return moved(x, new Movement.Transpose(reversed ? List.of() : perm), y);
  }

  /// Some elements, in their order or another, behind the batch.
  Value pick(Value x) {
    if (x.rank() < 2) {
      return x;
    }
    int axis = random.nextInt(1, x.rank());
    long size = x.shape()[axis];
    long[] y = x.shape().clone();
    String at = graph.longs(graph.chance(0.5) ? axis : axis - x.rank());
    switch (random.nextInt(5)) {
      case 0 -> {
        long[] places = random.longs(random.nextInt(1, 6), -size, size).toArray();
        y[axis] = places.length;
        return moved(x, new Selection.Gather(axis), y, graph.longs(places));
      }
      case 1 -> {
        long from = random.nextLong(size);
        long to = random.nextLong(from + 1, size + 1);
        y[axis] = to - from;
        return moved(x, new Selection.Slice(), y, graph.longs(from), graph.longs(to), at);
      }
      case 2 -> {
        y[axis] = 1;
        Op op =
            graph.oneOf(new Reduction.ReduceMax(true, false), new Reduction.ReduceMin(true, false));
        return moved(x, op, y, at);
      }
      case 3 -> {
        y = without(y, axis);
        Op op =
            graph.oneOf(
                new Reduction.ReduceMax(false, false), new Reduction.ReduceMin(false, false));
        return moved(x, op, y, at);
      }
      default -> {
        if (size == 1) {
          return moved(x, new Movement.Squeeze(), without(y, axis), at);
        }
        return x.rank() == 4
            ? x
            : moved(x, new Movement.Unsqueeze(), with(y, axis), graph.longs(axis));
      }
    }
  }

  private static long[] without(long[] sizes, int axis) {
    return IntStream.range(0, sizes.length)
        .filter(i -> i != axis)
        .mapToLong(i -> sizes[i])
        .toArray();
  }

  private static long[] with(long[] sizes, int axis) {
    return IntStream.rangeClosed(0, sizes.length)
        .mapToLong(i -> i == axis ? 1 : sizes[i < axis ? i : i - 1])
        .toArray();
  }

  /// Some divisor of `n`.
  static int divisor(Random random, int n) {
    int d = random.nextInt(1, n + 1);
    while (n % d != 0) {
      d--;
    }
    return d;
  }
}
