package io.octet.internal.pass;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Quantization;
import io.octet.internal.reference.Reference;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

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
    Node dequantize = quantized(graph, value);
    return dequantize == null ? null : graph.constant(dequantize.input(0));
  }

  /// The DequantizeLinear node that makes `value` of an initializer, or null.
  public static Node quantized(Graph graph, String value) {
    Node node = graph.producer(value);
    return QdqNodes.isDequantize(node)
            && graph.constant(node.input(0)) != null
            && QdqNodes.hasConstantParams(graph, node)
        ? node
        : null;
  }

  /// The parameters of a DequantizeLinear over an initializer.
  public static QuantParams params(Graph graph, Node dequantize) {
    return QdqNodes.params(graph, dequantize, graph.constant(dequantize.input(0)).type());
  }

  /// A known value as floats, dequantized where it is quantized; null where it is not known, or is
  /// no float.
  public static Tensor floats(Graph graph, String value) {
    Tensor constant = graph.constant(value);
    if (constant != null) {
      return constant.type() == DataType.F32 ? constant : null;
    }
    Node node = quantized(graph, value);
    if (node == null) {
      return null;
    }
    Tensor q = graph.constant(node.input(0));
    return dequantize(q, params(graph, node), axis(node, q.shape().rank()));
  }

  /// The reals that integers stand for.
  ///
  /// @param axis the channels' axis, where there is one scale for each
  public static Tensor dequantize(Tensor q, QuantParams params, int axis) {
    Tensor scales = Tensor.of(params.scales(), params.scales().length);
    Tensor zeros = Tensor.of(params.zeroPoints(), params.zeroPoints().length);
    Tensor y = Tensor.of(new float[Math.toIntExact(q.elements())], q.shape().sizes());
    Reference.evaluate(
        new Quantization.DequantizeLinear(axis), List.of(q, scales, zeros), List.of(y));
    return y;
  }

  public static int axis(Node dequantize, int rank) {
    int axis = ((Quantization.DequantizeLinear) dequantize.op()).axis();
    return axis < 0 ? axis + rank : axis;
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

  /// The two axes of a matrix exchanged.
  public static Tensor transposed(Tensor t) {
    return Rearrange.transpose(t, List.of());
  }
}
