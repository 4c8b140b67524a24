package io.octet.internal.lower;

import io.octet.graph.Graph;
import io.octet.internal.kernel.Constant;
import io.octet.internal.kernel.RefusalCode;
import io.octet.internal.kernel.Weights;
import io.octet.internal.pass.Constants;
import io.octet.internal.pass.LayerNode;
import io.octet.internal.plan.ConstantStore;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// The constants of every convolution and linear layer of a graph, in the one form kernels take,
/// made once per session: every plan gets the same constants, so packed weights are shared.
/// Thread-safe.
public final class LayerWeights {
  /// Weights for an int8 kernel, or why there are none.
  sealed interface Answer {
    record Found(Weights weights) implements Answer {}

    record Missing(RefusalCode code, String detail) implements Answer {}
  }

  /// @param bias by itself, a node says nothing of the bias that is added behind it
  private record Key(String node, String bias, boolean int8, Shape image) {
    static Key of(LayerNode layer, boolean int8, Shape image) {
      return new Key(layer.core().name(), layer.bias(), int8, image);
    }
  }

  /// Weights as layers read them: the same constant for all that read the same ones alike.
  private record Form(String weights, boolean int8, boolean transposed, float alpha, Shape image) {}

  private final Graph graph;
  private final ConstantStore constants;
  private final Map<Key, Answer> made = new HashMap<>();

  /// @param constants has the weights, in whatever form
  public LayerWeights(Graph graph, ConstantStore constants) {
    this.graph = graph;
    this.constants = constants;
  }

  /// The same, with nothing made yet.
  LayerWeights anew(ConstantStore other) {
    return new LayerWeights(graph, other);
  }

  /// Whether the weights of `layer` are stored quantized.
  boolean isQuantized(LayerNode layer) {
    return Constants.isQuantized(graph, layer.weights());
  }

  /// The int8 weights of `layer`.
  ///
  /// @param image where not null, the columns are permuted as a flattened NHWC image
  synchronized Answer int8(LayerNode layer, Shape image) {
    return made.computeIfAbsent(Key.of(layer, true, image), _ -> makeInt8(layer, image));
  }

  /// The float weights of `layer`, dequantized where they are stored quantized.
  synchronized Weights f32(LayerNode layer, Shape image) {
    Answer answer =
        made.computeIfAbsent(
            Key.of(layer, false, image),
            _ -> {
              Constant values = floats(layer, image);
              return new Answer.Found(new Weights(values, new float[0], bias(layer)));
            });
    return ((Answer.Found) answer).weights();
  }

  private Constant floats(LayerNode layer, Shape image) {
    Constant stored = stored(layer);
    boolean transposed = isTransposed(layer);
    if (graph.constant(layer.weights()) != null
        && !transposed
        && layer.alpha() == 1
        && image == null) {
      return stored;
    }
    return stored.form(
        new Form(layer.weights(), false, transposed, layer.alpha(), image),
        DataType.F32,
        oriented(layer, stored.shape()),
        _ -> {
          Tensor values = oriented(layer, Constants.floats(graph, layer.weights()));
          return permuted(
              layer.alpha() == 1 ? values : Constants.scaled(values, layer.alpha()), image);
        });
  }

  private Constant stored(LayerNode layer) {
    return constants.of(layer.weights(), Constants.stored(graph, layer.weights()));
  }

  private Answer makeInt8(LayerNode layer, Shape image) {
    Optional<Constants.Quantized> quantized = Constants.quantized(graph, layer.weights());
    if (quantized.isEmpty()) {
      return new Answer.Missing(
          RefusalCode.MISSING_RANGE, "weights \"" + layer.weights() + "\" have no scale");
    }
    Tensor stored = quantized.get().integers();
    QuantParams params = quantized.get().params();
    int axis = quantized.get().axis().orElse(layer.channelAxis());
    if (axis != layer.channelAxis()) {
      return new Answer.Missing(
          RefusalCode.UNSUPPORTED_ATTRIBUTE,
          "weights are quantized along axis "
              + axis
              + ", kernels want one scale for each output channel (axis "
              + layer.channelAxis()
              + ")");
    }
    if (!isSymmetric(stored, params)) {
      return new Answer.Missing(
          RefusalCode.UNSUPPORTED_ATTRIBUTE, "weights have a zero point: " + params);
    }
    float[] scales = params.scales();
    if (!(layer.alpha() > 0)) {
      return new Answer.Missing(
          RefusalCode.UNSUPPORTED_ATTRIBUTE, "alpha " + layer.alpha() + " is not positive");
    }
    for (int i = 0; i < scales.length; i++) {
      scales[i] *= layer.alpha();
    }
    boolean transposed = isTransposed(layer);
    Constant handle = stored(layer);
    Constant values =
        stored.type() == DataType.S8 && !transposed && image == null
            ? handle
            : handle.form(
                new Form(layer.weights(), true, transposed, 1, image),
                DataType.S8,
                oriented(layer, stored.shape()),
                t -> permuted(oriented(layer, signed(t)), image));
    return new Answer.Found(new Weights(values, scales, bias(layer)));
  }

  /// Weights of a linear layer with zero points.
  ///
  /// @param weights as s8; u8 less 128
  /// @param zeros the zero point of each output channel among these
  record Shifted(Weights weights, int[] zeros) {}

  /// The integers of `layer` as they lie, for whoever takes the zero points off afterwards; empty
  /// where they are not stored quantized, or along another axis.
  synchronized Optional<Shifted> shifted(LayerNode layer) {
    Optional<Constants.Quantized> quantized = Constants.quantized(graph, layer.weights());
    boolean known =
        quantized.isPresent()
            && quantized.get().integers().type().isInt8()
            && quantized.get().axis().orElse(layer.channelAxis()) == layer.channelAxis()
            && layer.alpha() == 1
            && !layer.isConv();
    if (!known) {
      return Optional.empty();
    }
    Tensor stored = quantized.get().integers();
    QuantParams params = quantized.get().params();
    int shift = stored.type() == DataType.U8 ? 128 : 0;
    int channels = Math.toIntExact(layer.channels());
    int[] zeros = new int[channels];
    for (int i = 0; i < channels; i++) {
      zeros[i] = params.zeroPoint(params.isPerTensor() ? 0 : i) - shift;
    }
    Constant values =
        stored(layer)
            .form(
                new Form(layer.weights(), true, isTransposed(layer), 1, null),
                DataType.S8,
                oriented(layer, stored.shape()),
                t -> oriented(layer, signed(t)));
    return Optional.of(new Shifted(new Weights(values, params.scales(), bias(layer)), zeros));
  }

  /// Whether the weights are s8 with zero point 0, or the same as u8 with 128.
  private static boolean isSymmetric(Tensor stored, QuantParams params) {
    return switch (stored.type()) {
      case S8 -> params.isSymmetric();
      case U8 -> Arrays.stream(params.zeroPoints()).allMatch(z -> z == 128);
      case F32, S32, S64, BOOL, F16, BF16, F64 -> false;
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

  /// Kernels take the output channels first.
  private static boolean isTransposed(LayerNode layer) {
    return layer.channelAxis() == 1;
  }

  private static Tensor oriented(LayerNode layer, Tensor values) {
    return isTransposed(layer) ? Constants.transposed(values) : values;
  }

  private static Shape oriented(LayerNode layer, Shape stored) {
    return isTransposed(layer) ? stored.with(0, stored.dim(1)).with(1, stored.dim(0)) : stored;
  }

  private static Tensor permuted(Tensor values, Shape image) {
    return image == null ? values : ChannelsLast.columnsAsNhwc(values, image);
  }

  private float[] bias(LayerNode layer) {
    if (!layer.hasBias()) {
      return new float[0];
    }
    Tensor given = Constants.floats(graph, layer.bias());
    float[] bias = Constants.spread(given, Math.toIntExact(layer.channels()));
    for (int i = 0; i < bias.length; i++) {
      bias[i] *= layer.beta();
    }
    return bias;
  }
}
