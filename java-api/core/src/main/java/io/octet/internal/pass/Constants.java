package io.octet.internal.pass;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Quantization;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Tensor;

/// Reads values that are known before the first run: initializers, and DequantizeLinear over them.
public final class Constants {
  private Constants() {}

  /// Whether `value` is an initializer or a DequantizeLinear of one with constant parameters.
  public static boolean isKnown(Graph graph, String value) {
    return graph.constant(value) != null || quantized(graph, value) != null;
  }

  /// The DequantizeLinear node that makes `value` of an initializer, or null.
  public static Node quantized(Graph graph, String value) {
    Node node = graph.producer(value);
    return QdqNodes.isDequantize(node)
            && graph.constant(node.input(0)) != null
            && params(graph, node) != null
        ? node
        : null;
  }

  /// The parameters of a DequantizeLinear over an initializer.
  public static QuantParams params(Graph graph, Node dequantize) {
    return QdqNodes.params(graph, dequantize, graph.constant(dequantize.input(0)).type());
  }

  /// A known value as floats, dequantized where it is quantized; null where it is not known.
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
    return new Scales(params.scales(), params.zeroPoints(), axis).dequantize(q);
  }

  public static int axis(Node dequantize, int rank) {
    int axis = ((Quantization.DequantizeLinear) dequantize.op()).axis();
    return axis < 0 ? axis + rank : axis;
  }

  /// The two axes of a matrix exchanged.
  public static Tensor transposed(Tensor t) {
    int rows = Math.toIntExact(t.shape().size(0));
    int columns = Math.toIntExact(t.shape().size(1));
    if (t.type() == DataType.F32) {
      float[] from = t.toFloats();
      float[] to = new float[from.length];
      for (int r = 0; r < rows; r++) {
        for (int c = 0; c < columns; c++) {
          to[c * rows + r] = from[r * columns + c];
        }
      }
      return Tensor.of(to, columns, rows);
    }
    byte[] from = t.toBytes();
    byte[] to = new byte[from.length];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        to[c * rows + r] = from[r * columns + c];
      }
    }
    return Tensor.of(t.type(), to, columns, rows);
  }
}
