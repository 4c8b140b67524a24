package io.octet.internal.compile;

import io.octet.OctetException.InvalidModel;
import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.Op;
import io.octet.internal.kernel.RefusalCode;
import io.octet.internal.kernel.Weights;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.HashMap;
import java.util.Map;

/// The constants of every convolution and linear layer of a graph, in the one form kernels take,
/// made once per session: every plan gets the same tensors, so packed weights are shared.
/// Thread-safe.
final class LayerWeights {
  /// Weights for an int8 kernel, or why there are none.
  sealed interface Answer {
    record Found(Weights weights) implements Answer {}

    record Missing(RefusalCode code, String detail) implements Answer {}
  }

  private record Key(String node, boolean int8, Shape image) {}

  private final Graph graph;
  private final Map<Key, Answer> made = new HashMap<>();

  LayerWeights(Graph graph) {
    this.graph = graph;
  }

  /// The same, with nothing made yet.
  LayerWeights anew() {
    return new LayerWeights(graph);
  }

  /// Whether `node` is a layer: a Conv, Gemm or MatMul whose second input is known.
  static boolean isLayer(Graph graph, Node node) {
    return switch (node.op()) {
      case Op.Conv c -> true;
      case Op.Gemm g ->
          !g.transA()
              && isMatrix(graph, node.input(1))
              && (!node.hasInput(2) || isVector(graph, node.input(2)));
      case Op.MatMul m ->
          isMatrix(graph, node.input(1)) && !Constants.isKnown(graph, node.input(0));
      default -> false;
    };
  }

  /// Whether the weights of `node` are stored quantized.
  boolean isQuantized(Node node) {
    return Constants.quantized(graph, node.input(1)) != null;
  }

  /// The int8 weights of `node`.
  ///
  /// @param bias value of a bias added behind the node, or "" for the node's own
  /// @param image where not null, the columns are permuted as a flattened NHWC image
  synchronized Answer int8(Node node, String bias, Shape image) {
    return made.computeIfAbsent(
        new Key(node.name() + "\0" + bias, true, image), k -> makeInt8(node, bias, image));
  }

  /// The float weights of `node`, dequantized where they are stored quantized.
  synchronized Weights f32(Node node, String bias, Shape image) {
    Answer answer =
        made.computeIfAbsent(
            new Key(node.name() + "\0" + bias, false, image),
            k -> {
              Tensor values = oriented(node, Constants.floats(graph, node.input(1)));
              float alpha = node.op() instanceof Op.Gemm g ? g.alpha() : 1;
              if (alpha != 1) {
                float[] scaled = values.toFloats();
                for (int i = 0; i < scaled.length; i++) {
                  scaled[i] *= alpha;
                }
                values = Tensor.of(scaled, values.shape().sizes());
              }
              return new Answer.Found(
                  new Weights(permuted(values, image), new float[0], bias(node, bias, values)));
            });
    return ((Answer.Found) answer).weights();
  }

  private Answer makeInt8(Node node, String bias, Shape image) {
    Node dequantize = Constants.quantized(graph, node.input(1));
    if (dequantize == null) {
      return new Answer.Missing(
          RefusalCode.MISSING_RANGE, "weights \"" + node.input(1) + "\" have no scale");
    }
    Tensor stored = graph.constant(dequantize.input(0));
    QuantParams params = Constants.params(graph, dequantize);
    boolean transposed = transposes(node);
    int channelAxis = transposed ? 1 : 0;
    if (!params.isPerTensor() && Constants.axis(dequantize, stored.shape().rank()) != channelAxis) {
      return new Answer.Missing(
          RefusalCode.UNSUPPORTED_ATTRIBUTE,
          "weights are quantized along axis "
              + Constants.axis(dequantize, stored.shape().rank())
              + ", kernels want one scale for each output channel (axis "
              + channelAxis
              + ")");
    }
    Tensor signed = signed(stored, params);
    if (signed == null) {
      return new Answer.Missing(
          RefusalCode.UNSUPPORTED_ATTRIBUTE, "weights have a zero point: " + params);
    }
    float[] scales = params.scales();
    if (node.op() instanceof Op.Gemm g && g.alpha() != 1) {
      if (!(g.alpha() > 0)) {
        return new Answer.Missing(
            RefusalCode.UNSUPPORTED_ATTRIBUTE, "alpha " + g.alpha() + " is not positive");
      }
      for (int i = 0; i < scales.length; i++) {
        scales[i] *= g.alpha();
      }
    }
    Tensor values = oriented(node, signed);
    return new Answer.Found(new Weights(permuted(values, image), scales, bias(node, bias, values)));
  }

  /// The same weights as s8 with zero point 0, or null where that is impossible.
  private static Tensor signed(Tensor stored, QuantParams params) {
    if (stored.type() == DataType.S8 && params.isSymmetric()) {
      return stored;
    }
    if (stored.type() != DataType.U8) {
      return null;
    }
    for (int z : params.zeroPoints()) {
      if (z != 128) {
        return null;
      }
    }
    byte[] q = stored.toBytes();
    for (int i = 0; i < q.length; i++) {
      q[i] ^= (byte) 0x80;
    }
    return Tensor.of(DataType.S8, q, stored.shape().sizes());
  }

  private static boolean transposes(Node node) {
    return switch (node.op()) {
      case Op.Gemm g -> !g.transB();
      case Op.MatMul m -> true;
      default -> false;
    };
  }

  private static Tensor oriented(Node node, Tensor values) {
    return transposes(node) ? Constants.transposed(values) : values;
  }

  private static Tensor permuted(Tensor values, Shape image) {
    return image == null ? values : Constants.columnsAsNhwc(values, image);
  }

  private float[] bias(Node node, String behind, Tensor weights) {
    String value = behind.isEmpty() ? node.input(2) : behind;
    if (value.isEmpty()) {
      return new float[0];
    }
    Tensor given = Constants.floats(graph, value);
    if (given == null) {
      throw new InvalidModel(node + ": bias \"" + value + "\" must be a constant");
    }
    int channels = Math.toIntExact(weights.shape().size(0));
    if (given.elements() != channels && given.elements() != 1) {
      throw new InvalidModel(
          node
              + ": bias \""
              + value
              + "\" has shape "
              + given.shape()
              + ", but the layer has "
              + channels
              + " output channels");
    }
    float beta = behind.isEmpty() && node.op() instanceof Op.Gemm g ? g.beta() : 1;
    float[] bias = new float[channels];
    for (int i = 0; i < channels; i++) {
      bias[i] = beta * given.getFloat(given.elements() == 1 ? 0 : i);
    }
    return bias;
  }

  private static boolean isVector(Graph graph, String value) {
    Tensor t = Constants.floats(graph, value);
    return t != null && (t.elements() == 1 || t.elements() == t.shape().size(t.shape().rank() - 1));
  }

  private static boolean isMatrix(Graph graph, String value) {
    Node dequantize = Constants.quantized(graph, value);
    Tensor t = graph.constant(dequantize == null ? value : dequantize.input(0));
    return t != null && t.shape().rank() == 2;
  }
}
