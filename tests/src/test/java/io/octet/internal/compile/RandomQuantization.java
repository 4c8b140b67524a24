package io.octet.internal.compile;

import io.octet.graph.op.Movement;
import io.octet.graph.op.Op;
import io.octet.graph.op.Quantization;
import io.octet.internal.compile.RandomGraph.Value;
import io.octet.tensor.DataType;
import io.octet.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// Puts QuantizeLinear and DequantizeLinear nodes into a random graph as exporters do, and as they
/// might: shared, doubled, along an axis, with parameters of any type, or known only when it runs.
/// Scales are powers of two and zero points even: oneDNN rounds behind the zero point, ONNX before,
/// which differs at ties where it is odd.
final class RandomQuantization {
  /// Parameters of a value: scale `2^exponent`.
  private record Params(DataType type, int exponent, int zero) {
    int steps() {
      return (int) Math.max(type.max() - zero, zero - type.min());
    }
  }

  /// Weights ready for a layer.
  ///
  /// @param name of the float value
  /// @param exponent all elements are multiples of `2^exponent`
  /// @param steps of these at most
  record Weights(String name, int exponent, int steps) {}

  private final RandomGraph graph;
  private final Random random;
  private final boolean exact;
  private final Map<String, Params> known = new HashMap<>();
  private final Map<String, Value> before = new HashMap<>();

  /// @param exact whether there is any quantization, and every result is kept exact
  RandomQuantization(RandomGraph graph, boolean exact) {
    this.graph = graph;
    this.exact = exact;
    this.random = graph.random;
  }

  boolean isExact() {
    return exact;
  }

  boolean isQuantized(Value x) {
    return known.containsKey(x.name());
  }

  /// `x` through QuantizeLinear and DequantizeLinear.
  Value quantized(Value x) {
    if (x.rank() > 1 && graph.chance(0.05)) {
      return alongAnAxis(x);
    }
    return through(x, fresh(x));
  }

  /// `x` with the parameters that `like` has.
  Value quantizedLike(Value x, Value like) {
    return through(x, known.get(like.name()));
  }

  /// What became `x` when it was quantized; `x` itself where it was not.
  Value unquantized(Value x) {
    return before.getOrDefault(x.name(), x);
  }

  /// `x`, quantized first where its product with `factor` steps would not be exact; null where that
  /// does not help.
  Value room(Value x, double factor) {
    if (!exact || x.hasRoomFor(factor)) {
      return x;
    }
    Value q = quantized(x);
    return q.hasRoomFor(factor) ? q : null;
  }

  /// Mostly with its input's parameters, as what carries values through has them.
  Value likeInput(Value y, Value x) {
    return exact && isQuantized(x) && graph.chance(0.7) ? replaced(y, quantizedLike(y, x)) : y;
  }

  Value replaced(Value old, Value by) {
    graph.values().remove(old);
    graph.values().remove(by);
    graph.values().add(by);
    return by;
  }

  private Params fresh(Value x) {
    int exponent = (int) Math.ceil(Math.log(x.rms() / 40) / Math.log(2));
    if (graph.chance(0.5)) {
      return new Params(DataType.S8, exponent, graph.chance(0.7) ? 0 : 2 * random.nextInt(-20, 20));
    }
    int zero = graph.chance(0.5) ? 0 : graph.oneOf(128, 2 * random.nextInt(128));
    return new Params(DataType.U8, exponent, zero);
  }

  private Value through(Value x, Params p) {
    String zero =
        p.zero() == 0 && graph.chance(0.2) && p.type() == DataType.U8
            ? null
            : graph.zero(p.type(), p.zero());
    boolean late = graph.chance(0.03);
    String scale = late ? graph.scaleInput(p.exponent()) : graph.scale(p.exponent());
    String q = q(x.name(), scale, zero, new Quantization.QuantizeLinear(1, p.type()));
    Value made = dequantized(x, q, scale, zero, p);
    if (graph.chance(0.1)) {
      dequantized(x, q, scale, zero, p);
    }
    if (graph.chance(0.05)) {
      // Other parameters than it was quantized with.
      Params other = new Params(p.type(), p.exponent() + 1, p.zero());
      dequantized(x, q, graph.scale(other.exponent()), zero, other);
    }
    return made;
  }

  private String q(String from, String scale, String zero, Op op) {
    return zero == null ? graph.add(op, from, scale) : graph.add(op, from, scale, zero);
  }

  private Value dequantized(Value x, String q, String scale, String zero, Params p) {
    String name = q(q, scale, zero, new Quantization.DequantizeLinear(1));
    known.put(name, p);
    before.put(name, x);
    double rms = Math.min(x.rms(), Math.scalb(100.0, p.exponent()));
    return graph.keep(new Value(name, x.shape(), p.exponent(), p.steps(), rms));
  }

  private Value alongAnAxis(Value x) {
    int axis = random.nextInt(1, x.rank());
    int[] exponents = new int[(int) x.shape()[axis]];
    int base = fresh(x).exponent();
    for (int i = 0; i < exponents.length; i++) {
      exponents[i] = base + random.nextInt(2);
    }
    String scale = graph.scale(exponents);
    String zeros =
        graph.constant(Tensor.of(DataType.S8, new byte[exponents.length], exponents.length));
    int written = graph.chance(0.5) ? axis : axis - x.rank();
    if (exponents.length == 1) {
      return x;
    }
    String q =
        graph.add(new Quantization.QuantizeLinear(written, DataType.S8), x.name(), scale, zeros);
    String y = graph.add(new Quantization.DequantizeLinear(written), q, scale, zeros);
    return graph.keep(new Value(y, x.shape(), base, 256, x.rms()));
  }

  /// Constant weights, now and then transposed behind their quantization.
  ///
  /// @param axis the output channels' axis
  Weights weights(int exponent, int axis, long... shape) {
    if (shape.length == 2 && graph.chance(0.2)) {
      Weights other = weights(exponent, 1 - axis, shape[1], shape[0]);
      String name = graph.add(new Movement.Transpose(List.of(1, 0)), other.name());
      return new Weights(name, other.exponent(), other.steps());
    }
    return exact
        ? quantizedWeights(exponent, axis, shape)
        : new Weights(graph.floats(127, exponent, shape), exponent, 127);
  }

  /// Mostly s8 with a scale for each output channel.
  ///
  /// @param axis the output channels' axis
  private Weights quantizedWeights(int exponent, int axis, long... shape) {
    return switch (random.nextInt(9)) {
      case 0 -> new Weights(graph.floats(127, exponent, shape), exponent, 127);
      case 1 -> {
        String floats = graph.floats(127, exponent, shape);
        String scale = graph.scale(exponent);
        String q =
            graph.add(
                new Quantization.QuantizeLinear(axis, DataType.S8),
                floats,
                scale,
                graph.zero(DataType.S8, 0));
        yield new Weights(
            graph.add(new Quantization.DequantizeLinear(axis), q, scale), exponent, 128);
      }
      case 2 -> stored(DataType.S8, 0, axis, exponent, shape);
      case 3 -> stored(DataType.U8, 128, axis, exponent, shape);
      case 4 ->
          stored(graph.oneOf(DataType.U8, DataType.S8), random.nextInt(100), axis, exponent, shape);
      default -> perChannel(graph.chance(0.9) ? axis : (axis + 1) % shape.length, exponent, shape);
    };
  }

  private Weights stored(DataType type, int zero, int axis, int exponent, long... shape) {
    String q = graph.constant(Tensor.of(type, bytes(shape), shape));
    String name =
        graph.add(
            new Quantization.DequantizeLinear(axis),
            q,
            graph.scale(exponent),
            graph.zero(type, zero));
    return new Weights(name, exponent, 255);
  }

  private Weights perChannel(int axis, int exponent, long... shape) {
    int[] exponents = new int[(int) shape[axis]];
    for (int i = 0; i < exponents.length; i++) {
      exponents[i] = exponent + random.nextInt(2);
    }
    String q = graph.constant(Tensor.of(DataType.S8, bytes(shape), shape));
    String name = graph.add(new Quantization.DequantizeLinear(axis), q, graph.scale(exponents));
    return new Weights(name, exponent, 256);
  }

  private byte[] bytes(long... shape) {
    byte[] bytes = new byte[(int) RandomGraph.elements(shape)];
    random.nextBytes(bytes);
    return bytes;
  }

  /// A bias of `channels` elements at the scale of a layer's sums.
  String bias(int exponent, double steps, long channels) {
    int most = (int) Math.max(1, Math.min(1 << 16, steps));
    if (graph.chance(0.3)) {
      return graph.floats(most, exponent, channels);
    }
    int[] bias = new int[(int) channels];
    for (int i = 0; i < bias.length; i++) {
      bias[i] = random.nextInt(-most, most + 1);
    }
    return graph.add(
        new Quantization.DequantizeLinear(0),
        graph.constant(Tensor.of(bias, channels)),
        graph.scale(exponent));
  }
}
