package io.octet.internal.compile;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Quantization;
import io.octet.internal.pass.Scales;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;

/// Reads values that are known before the first run: initializers, and DequantizeLinear over them.
final class Constants {
  private Constants() {}

  /// Whether `value` is an initializer or a DequantizeLinear of one with constant parameters.
  static boolean isKnown(Graph graph, String value) {
    return graph.constant(value) != null || quantized(graph, value) != null;
  }

  /// The DequantizeLinear node that makes `value` of an initializer, or null.
  static Node quantized(Graph graph, String value) {
    Node node = graph.producer(value);
    return QdqNodes.isDequantize(node)
            && graph.constant(node.input(0)) != null
            && params(graph, node) != null
        ? node
        : null;
  }

  /// The parameters of a DequantizeLinear over an initializer.
  static QuantParams params(Graph graph, Node dequantize) {
    return QdqNodes.params(graph, dequantize, graph.constant(dequantize.input(0)).type());
  }

  /// A known value as floats, dequantized where it is quantized; null where it is not known.
  static Tensor floats(Graph graph, String value) {
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
  static Tensor dequantize(Tensor q, QuantParams params, int axis) {
    return new Scales(params.scales(), params.zeroPoints(), axis).dequantize(q);
  }

  static int axis(Node dequantize, int rank) {
    int axis = ((Quantization.DequantizeLinear) dequantize.op()).axis();
    return axis < 0 ? axis + rank : axis;
  }

  /// The two axes of a matrix exchanged.
  static Tensor transposed(Tensor t) {
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

  /// The columns of [N, C*H*W] weights moved from NCHW order to the NHWC order of an `image`
  /// [C,H,W]: a flattening behind NHWC then costs nothing.
  static Tensor columnsAsNhwc(Tensor weights, Shape image) {
    int rows = Math.toIntExact(weights.shape().size(0));
    int channels = Math.toIntExact(image.size(0));
    int pixels = Math.toIntExact(image.size(1) * image.size(2));
    int columns = channels * pixels;
    boolean isFloat = weights.type() == DataType.F32;
    float[] floats = isFloat ? weights.toFloats() : null;
    byte[] bytes = isFloat ? null : weights.toBytes();
    float[] floatsTo = isFloat ? new float[floats.length] : null;
    byte[] bytesTo = isFloat ? null : new byte[bytes.length];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < channels; c++) {
        for (int p = 0; p < pixels; p++) {
          int from = r * columns + c * pixels + p;
          int to = r * columns + p * channels + c;
          if (isFloat) {
            floatsTo[to] = floats[from];
          } else {
            bytesTo[to] = bytes[from];
          }
        }
      }
    }
    return isFloat
        ? Tensor.of(floatsTo, rows, columns)
        : Tensor.of(weights.type(), bytesTo, rows, columns);
  }

  /// A constant image [N,C,H,W] in NHWC order of memory; its shape stays logical.
  static Tensor asNhwc(Tensor t) {
    Shape s = t.shape();
    if (Repr.sameInBothLayouts(s)) {
      return t;
    }
    int outer = Math.toIntExact(s.size(0));
    int channels = Math.toIntExact(s.size(1));
    int pixels = Math.toIntExact(s.size(2) * s.size(3));
    int bytes = t.type().bytes();
    byte[] from = t.data().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    byte[] to = new byte[from.length];
    for (int n = 0; n < outer; n++) {
      for (int c = 0; c < channels; c++) {
        for (int p = 0; p < pixels; p++) {
          int source = ((n * channels + c) * pixels + p) * bytes;
          int target = ((n * pixels + p) * channels + c) * bytes;
          System.arraycopy(from, source, to, target, bytes);
        }
      }
    }
    return Tensor.wrap(t.type(), s, java.lang.foreign.MemorySegment.ofArray(to));
  }
}
