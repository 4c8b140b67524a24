package io.octet.internal.lower;

import io.octet.OctetException.InvalidModel;
import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Convolution;
import io.octet.graph.op.Product;
import io.octet.internal.kernel.RefusalCode;
import io.octet.internal.kernel.Weights;
import io.octet.internal.kernel.WeightsCache;
import io.octet.internal.pass.Constants;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/// The constants of every convolution and linear layer of a graph, in the one form kernels take,
/// made once per session: every plan gets the same tensors, so packed weights are shared.
/// Thread-safe.
public final class LayerWeights {
  /// Weights for an int8 kernel, or why there are none.
  sealed interface Answer {
    record Found(Weights weights) implements Answer {}

    record Missing(RefusalCode code, String detail) implements Answer {}
  }

  private record Key(String node, boolean int8, Shape image) {}

  /// Weights as layers read them: the same tensor for all that read the same ones alike.
  private record Form(String weights, boolean int8, boolean transposed, float alpha, Shape image) {}

  private final Graph graph;
  private final WeightsCache packed;
  private final Map<Key, Answer> made = new HashMap<>();
  private final Map<Form, Tensor> forms = new HashMap<>();

  /// @param packed accounts for the memory of other forms
  public LayerWeights(Graph graph, WeightsCache packed) {
    this.graph = graph;
    this.packed = packed;
  }

  /// The same, with nothing made yet.
  LayerWeights anew(WeightsCache other) {
    return new LayerWeights(graph, other);
  }

  /// Whether `node` is a layer: a Conv, Gemm or MatMul whose second input is known.
  static boolean isLayer(Graph graph, Node node) {
    return switch (node.op()) {
      case Convolution.Conv c -> true;
      case Product.Gemm g ->
          !g.transA()
              && isMatrix(graph, node.input(1))
              && (!node.hasInput(2) || isVector(graph, node.input(2)));
      case Product.MatMul m ->
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
              Tensor values = floats(node, image);
              return new Answer.Found(new Weights(values, new float[0], bias(node, bias, values)));
            });
    return ((Answer.Found) answer).weights();
  }

  private Tensor floats(Node node, Shape image) {
    float alpha = node.op() instanceof Product.Gemm g ? g.alpha() : 1;
    Form form = new Form(node.input(1), false, transposes(node), alpha, image);
    boolean asItIs =
        graph.constant(form.weights()) != null && !form.transposed() && alpha == 1 && image == null;
    return forms.computeIfAbsent(
        form,
        _ -> {
          if (!asItIs) {
            take(node, Float.BYTES);
          }
          Tensor values = oriented(node, Constants.floats(graph, node.input(1)));
          return permuted(alpha == 1 ? values : scaled(values, alpha), image);
        });
  }

  private static Tensor scaled(Tensor values, float alpha) {
    float[] scaled = values.toFloats();
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] *= alpha;
    }
    return Tensor.of(scaled, values.shape().sizes());
  }

  /// Asks for the bytes of another form of the node's weights, before it is made.
  private void take(Node node, int bytesPerElement) {
    Node dequantize = Constants.quantized(graph, node.input(1));
    Tensor stored = graph.constant(dequantize == null ? node.input(1) : dequantize.input(0));
    packed.take(
        Math.multiplyExact(stored.elements(), (long) bytesPerElement),
        () -> "another form of weights \"" + node.input(1) + "\" " + stored);
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
    if (!isSymmetric(stored, params)) {
      return new Answer.Missing(
          RefusalCode.UNSUPPORTED_ATTRIBUTE, "weights have a zero point: " + params);
    }
    float[] scales = params.scales();
    if (node.op() instanceof Product.Gemm g && g.alpha() != 1) {
      if (!(g.alpha() > 0)) {
        return new Answer.Missing(
            RefusalCode.UNSUPPORTED_ATTRIBUTE, "alpha " + g.alpha() + " is not positive");
      }
      for (int i = 0; i < scales.length; i++) {
        scales[i] *= g.alpha();
      }
    }
    Tensor values =
        forms.computeIfAbsent(
            new Form(node.input(1), true, transposed, 1, image),
            _ -> {
              if (stored.type() != DataType.S8 || transposed || image != null) {
                take(node, 1);
              }
              return permuted(oriented(node, signed(stored)), image);
            });
    return new Answer.Found(new Weights(values, scales, bias(node, bias, values)));
  }

  /// Whether the weights are s8 with zero point 0, or the same as u8 with 128.
  private static boolean isSymmetric(Tensor stored, QuantParams params) {
    return switch (stored.type()) {
      case S8 -> params.isSymmetric();
      case U8 -> Arrays.stream(params.zeroPoints()).allMatch(z -> z == 128);
      case F32, S32, S64 -> false;
    };
  }

  /// Symmetric weights as s8.
  private static Tensor signed(Tensor stored) {
    if (stored.type() == DataType.S8) {
      return stored;
    }
    byte[] q = stored.toBytes();
    for (int i = 0; i < q.length; i++) {
      q[i] ^= (byte) 0x80;
    }
    return Tensor.of(DataType.S8, q, stored.shape().sizes());
  }

  private static boolean transposes(Node node) {
    return switch (node.op()) {
      case Product.Gemm g -> !g.transB();
      case Product.MatMul m -> true;
      default -> false;
    };
  }

  private static Tensor oriented(Node node, Tensor values) {
    return transposes(node) ? Constants.transposed(values) : values;
  }

  private static Tensor permuted(Tensor values, Shape image) {
    return image == null ? values : ChannelsLast.columnsAsNhwc(values, image);
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
    float beta = behind.isEmpty() && node.op() instanceof Product.Gemm g ? g.beta() : 1;
    float[] bias = new float[channels];
    for (int i = 0; i < channels; i++) {
      bias[i] = beta * given.getFloat(given.elements() == 1 ? 0 : i);
    }
    return bias;
  }

  private static boolean isVector(Graph graph, String value) {
    Node dequantize = Constants.quantized(graph, value);
    Tensor t = graph.constant(dequantize == null ? value : dequantize.input(0));
    return t != null
        && (dequantize != null || t.type() == DataType.F32)
        && (t.elements() == 1 || t.elements() == t.shape().size(t.shape().rank() - 1));
  }

  private static boolean isMatrix(Graph graph, String value) {
    Node dequantize = Constants.quantized(graph, value);
    Tensor t = graph.constant(dequantize == null ? value : dequantize.input(0));
    return t != null && t.shape().rank() == 2;
  }
}
