package io.octet.internal.compile;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Op;
import io.octet.graph.op.Quantization;
import io.octet.graph.op.ValueInfo;
import io.octet.tensor.DataType;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/// A graph under construction in which every number is a whole multiple of a power of two, small
/// enough for a float to hold each sum exactly: whatever order or fusion a plan chooses, there is
/// one right answer, to the last bit.
final class RandomGraph {
  /// Beyond this many steps a float, or oneDNN's sum, would round.
  private static final double EXACT = 1 << 24;

  /// A scale below this is not told from 0.
  private static final int SMALLEST = -60;

  /// A float value of the graph.
  ///
  /// @param shape with the batch that is run
  /// @param exponent all its elements are multiples of `2^exponent`
  /// @param steps how many of these an element has at most
  /// @param rms roughly, what its elements are like
  record Value(String name, long[] shape, int exponent, double steps, double rms) {
    int rank() {
      return shape.length;
    }

    long last() {
      return shape[shape.length - 1];
    }

    long elements() {
      return Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    }

    boolean hasRoomFor(double factor) {
      return steps * factor <= EXACT;
    }
  }

  final Random random;
  final long batch;
  private final boolean freeBatch;
  private final List<ValueInfo> inputs = new ArrayList<>();
  private final Map<String, Tensor> given = new LinkedHashMap<>();
  private final Map<String, Tensor> constants = new LinkedHashMap<>();
  private final List<Node> nodes = new ArrayList<>();
  private final List<Value> values = new ArrayList<>();
  private final Set<String> read = new LinkedHashSet<>();

  RandomGraph(long seed) {
    random = new Random(seed);
    batch = random.nextInt(1, 4);
    freeBatch = random.nextBoolean();
  }

  boolean hasFreeBatch() {
    return freeBatch;
  }

  boolean chance(double probability) {
    return random.nextDouble() < probability;
  }

  @SafeVarargs
  final <T> T oneOf(T... choices) {
    return choices[random.nextInt(choices.length)];
  }

  /// Float values, oldest first.
  List<Value> values() {
    return values;
  }

  // ---- what the caller gives

  Value input(long... rest) {
    String name = "x" + inputs.size();
    Tensor tensor = Tensor.of(randomSteps(elements(batched(rest)), 127, -5), batched(rest));
    declare(name, tensor, rest);
    return keep(new Value(name, batched(rest), -5, 127, 2));
  }

  /// Integers from the caller, dequantized.
  Value integerInput(DataType type, long... rest) {
    String name = "x" + inputs.size();
    byte[] bytes = new byte[(int) elements(batched(rest))];
    random.nextBytes(bytes);
    declare(name, Tensor.of(type, bytes, batched(rest)), rest);
    int zero = type == DataType.U8 ? 128 : 0;
    String from = add(new Quantization.DequantizeLinear(1), name, scale(-5), zero(type, zero));
    return keep(new Value(from, batched(rest), -5, 128, 2));
  }

  /// The scale `2^exponent` from the caller.
  String scaleInput(int exponent) {
    String name = "x" + inputs.size();
    given.put(name, Tensor.scalar((float) Math.scalb(1.0, exponent)));
    inputs.add(new ValueInfo(name, DataType.F32, Shape.of()));
    return name;
  }

  private void declare(String name, Tensor tensor, long... rest) {
    given.put(name, tensor);
    Shape shape = tensor.shape();
    Shape declared = freeBatch ? shape.with(0, new Dim.Symbol("N")) : shape;
    inputs.add(new ValueInfo(name, tensor.type(), declared));
  }

  private long[] batched(long... rest) {
    long[] shape = new long[rest.length + 1];
    shape[0] = batch;
    System.arraycopy(rest, 0, shape, 1, rest.length);
    return shape;
  }

  // ---- constants

  String constant(Tensor tensor) {
    String name = "c" + constants.size();
    constants.put(name, tensor);
    return name;
  }

  String scale(int... exponents) {
    float[] scales = new float[exponents.length];
    for (int i = 0; i < scales.length; i++) {
      scales[i] = Math.scalb(1f, exponents[i]);
    }
    return constant(
        exponents.length == 1 ? Tensor.scalar(scales[0]) : Tensor.of(scales, scales.length));
  }

  String zero(DataType type, int zero) {
    return constant(Tensor.of(type, new byte[] {(byte) zero}));
  }

  String longs(long... longs) {
    return constant(Tensor.of(longs, longs.length));
  }

  /// Random multiples of `2^exponent`, at most `steps` of it each.
  String floats(int steps, int exponent, long... shape) {
    return constant(Tensor.of(randomSteps(elements(shape), steps, exponent), shape));
  }

  float[] randomSteps(long count, int steps, int exponent) {
    float[] floats = new float[(int) count];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = Math.scalb((float) random.nextInt(-steps, steps + 1), exponent);
    }
    return floats;
  }

  // ---- nodes

  /// Adds a node; its result is called as the node is.
  String add(Op op, String... from) {
    String name = op.name().toLowerCase(java.util.Locale.ROOT) + nodes.size();
    nodes.add(new Node(name, op, List.of(from), name));
    read.addAll(List.of(from));
    return name;
  }

  Value keep(Value value) {
    values.add(value);
    return value;
  }

  /// Adds a node and keeps its result.
  Value add(Op op, long[] shape, int exponent, double steps, double rms, String... from) {
    return keep(new Value(add(op, from), shape, Math.max(exponent, SMALLEST), steps, rms));
  }

  static long elements(long... shape) {
    return Arrays.stream(shape).reduce(1, (a, b) -> a * b);
  }

  // ---- the whole

  /// All inputs by name.
  Map<String, Tensor> given() {
    return given;
  }

  /// The graph; its outputs are what nobody reads, and some that others read.
  Graph graph() {
    List<String> all = new ArrayList<>();
    nodes.forEach(n -> all.add(n.output()));
    List<ValueInfo> outputs = new ArrayList<>();
    for (String name : all) {
      if (!read.contains(name) || chance(0.04)) {
        outputs.add(new ValueInfo(name, DataType.F32, Shape.of()));
      }
    }
    if (chance(0.1)) {
      outputs.add(inputs.getFirst());
    }
    if (chance(0.1) && !constants.isEmpty()) {
      String name = oneOf(constants.keySet().toArray(String[]::new));
      outputs.add(new ValueInfo(name, constants.get(name).type(), constants.get(name).shape()));
    }
    return new Graph("random", inputs, outputs, constants, nodes);
  }
}
