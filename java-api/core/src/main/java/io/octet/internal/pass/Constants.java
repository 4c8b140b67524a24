package io.octet.internal.pass;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Quantization.DequantizeLinear;
import io.octet.internal.reference.Reference;
import io.octet.tensor.DataType;
import io.octet.tensor.Granularity;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Reads values that are known before the first run: initializers, and DequantizeLinear over them.
public final class Constants {
  private Constants() {}

  /// Whether `value` is an initializer or a DequantizeLinear of one with constant parameters.
  /// Whatever else is computed of constants alone, {@link Prepare} has folded.
  public static boolean isKnown(Graph graph, String value) {
    return stored(graph, value) != null;
  }

  /// What is stored of a known value: itself, or the integers that it is dequantized from; null
  /// where it is not known.
  public static Tensor stored(Graph graph, String value) {
    Tensor constant = graph.constant(value);
    if (constant != null) {
      return constant;
    }
    return isQuantized(graph, value) ? graph.constant(graph.producer(value).input(0)) : null;
  }

  /// Whether `value` is a DequantizeLinear of an initializer, with constant parameters.
  public static boolean isQuantized(Graph graph, String value) {
    Node node = graph.producer(value);
    return QdqNodes.isDequantize(node)
        && graph.constant(node.input(0)) != null
        && QdqNodes.hasConstantParams(graph, node);
  }

  /// What a DequantizeLinear of an initializer reads; nothing where `value` is none.
  ///
  /// @throws io.octet.OctetException.InvalidModel if its parameters are no quantization
  public static Optional<Quantized> quantized(Graph graph, String value) {
    if (!isQuantized(graph, value)) {
      return Optional.empty();
    }
    Node node = graph.producer(value);
    Tensor integers = graph.constant(node.input(0));
    return Optional.of(new Quantized(integers, QdqNodes.params(graph, node, integers.type())));
  }

  /// Integers and what they stand for.
  public record Quantized(Tensor integers, QuantParams params) {
    /// The axis of the integers along which their scales lie; nothing where there is one scale.
    public Optional<Integer> axis() {
      return params.granularity() instanceof Granularity.PerChannel(int axis)
          ? integers.shape().axis(axis)
          : Optional.empty();
    }

    /// The reals.
    public Tensor floats() {
      return dequantize(integers, params);
    }
  }

  /// A known value as floats, dequantized where it is quantized; null where it is not known, or is
  /// no float.
  public static Tensor floats(Graph graph, String value) {
    Tensor constant = graph.constant(value);
    if (constant != null) {
      return constant.type() == DataType.F32 ? constant : null;
    }
    return quantized(graph, value).map(Quantized::floats).orElse(null);
  }

  /// The reals that integers stand for.
  public static Tensor dequantize(Tensor q, QuantParams params) {
    float[] scales = params.scales();
    int[] zeros = params.zeroPoints();
    int axis = params.granularity() instanceof Granularity.PerChannel(int a) ? a : 0;
    Tensor y = zeros(DataType.F32, q.shape());
    Reference.evaluate(
        new DequantizeLinear(axis),
        List.of(q, Tensor.of(scales, scales.length), Tensor.of(zeros, zeros.length)),
        List.of(y));
    return y;
  }

  /// A new tensor of zeros.
  static Tensor zeros(DataType type, Shape shape) {
    int count = Math.toIntExact(shape.elements());
    MemorySegment data =
        switch (type.bytes()) {
          case 1 -> MemorySegment.ofArray(new byte[count]);
          case 2 -> MemorySegment.ofArray(new short[count]);
          case 4 -> MemorySegment.ofArray(new int[count]);
          default -> MemorySegment.ofArray(new long[count]);
        };
    return Tensor.wrap(type, shape, data);
  }

  /// A float tensor with each element multiplied.
  public static Tensor scaled(Tensor values, float factor) {
    float[] scaled = values.toFloats();
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] *= factor;
    }
    return Tensor.of(scaled, values.shape().sizes());
  }

  /// `t`, one for each of `size` elements.
  public static float[] spread(Tensor t, int size) {
    float[] values = t.toFloats();
    if (values.length == 1 && size != 1) {
      float[] all = new float[size];
      Arrays.fill(all, values[0]);
      return all;
    }
    return values;
  }

  /// The first two axes exchanged. A loop over arrays: weights are large, and Java's first steps
  /// through memory segments are slow (a million elements, 20 ms against 350).
  public static Tensor transposed(Tensor t) {
    int rows = Math.toIntExact(t.shape().size(0));
    int columns = Math.toIntExact(t.shape().size(1));
    int inner = Math.toIntExact(t.elements() / Math.max(1, (long) rows * columns));
    long[] sizes = t.shape().sizes();
    sizes[0] = columns;
    sizes[1] = rows;
    if (t.type() == DataType.F32) {
      float[] from = t.toFloats();
      float[] to = new float[from.length];
      for (int r = 0; r < rows; r++) {
        for (int c = 0; c < columns; c++) {
          copy(from, (r * columns + c) * inner, to, (c * rows + r) * inner, inner);
        }
      }
      return Tensor.of(to, sizes);
    }
    byte[] from = t.toBytes();
    byte[] to = new byte[from.length];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        copy(from, (r * columns + c) * inner, to, (c * rows + r) * inner, inner);
      }
    }
    return Tensor.of(t.type(), to, sizes);
  }

  private static void copy(float[] from, int at, float[] to, int place, int count) {
    for (int i = 0; i < count; i++) {
      to[place + i] = from[at + i];
    }
  }

  private static void copy(byte[] from, int at, byte[] to, int place, int count) {
    for (int i = 0; i < count; i++) {
      to[place + i] = from[at + i];
    }
  }
}
