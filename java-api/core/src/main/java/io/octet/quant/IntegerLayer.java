package io.octet.quant;

import io.octet.OctetException.InvalidModel;
import io.octet.graph.Graph;
import io.octet.internal.pass.Constants;
import io.octet.internal.pass.LayerNode;
import io.octet.quant.CalibrationTable.RaisedScale;
import io.octet.quant.QConfig.WeightScales;
import io.octet.quant.observe.PerChannelMinMaxObserver;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantMath;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// Weights and bias of one layer in integers.
///
/// @param source what was quantized
/// @param weights s8, shaped as the float weights
/// @param isPerTensor whether one scale serves all channels
/// @param scales one for each output channel, or one
/// @param bias s32 at `inputScale * scale`, one for each channel; empty where the layer has none
/// @param biasScales `inputScale * scale` for each scale; empty where the layer has no bias
/// @param raised channels whose scale is not the preset's; per tensor the one that asked for more
/// @param floored how many of the scales are the preset's smallest instead of their own
public record IntegerLayer(
    Source source,
    Tensor weights,
    boolean isPerTensor,
    float[] scales,
    int[] bias,
    float[] biasScales,
    List<RaisedScale> raised,
    int floored) {

  /// Sizes of the tensor of scales: none where it is one number.
  long[] scaleSizes() {
    return isPerTensor ? new long[0] : new long[] {scales.length};
  }

  /// What is quantized.
  ///
  /// @param node name of the layer
  /// @param name name of the weights
  /// @param weights F32
  /// @param axis the output channels' axis
  /// @param bias one for each channel, or empty
  public record Source(String node, String name, Tensor weights, int axis, float[] bias) {}

  /// Quantizes the weights and bias of a layer of floats, whose input has the given parameters.
  static IntegerLayer of(Graph graph, LayerNode layer, QuantParams input, Settings settings) {
    float[] bias =
        layer.hasBias()
            ? Constants.spread(graph.constant(layer.bias()), Math.toIntExact(layer.channels()))
            : new float[0];
    Source source =
        new Source(
            layer.core().name(),
            layer.weights(),
            graph.constant(layer.weights()),
            layer.channelAxis(),
            bias);
    return quantize(source, input.scale(), settings);
  }

  /// Room that a bias leaves for the products that are added to it, at most.
  private static final long HEADROOM = 1L << 30;

  /// Under the whole graph's settings: see the other one.
  public static IntegerLayer quantize(Source layer, float inputScale, QConfig qconfig) {
    return quantize(layer, inputScale, qconfig.settings());
  }

  /// Per channel or per tensor, symmetric: `scale = max(absmax / steps, smallest)`, then ONNX's
  /// QuantizeLinear. The scale is raised where the multiplier of the sums, `inputScale * scale`,
  /// would not be exact, and where a bias and the largest sum of products do not fit int32
  /// together: such are dead channels, weights near zero and scales smaller still.
  ///
  /// @throws InvalidModel if a weight or bias is not finite, or the multiplier is beyond float
  static IntegerLayer quantize(Source layer, float inputScale, Settings settings) {
    PerChannelMinMaxObserver observer = observe(layer);
    byte[] quantized = new byte[Math.toIntExact(layer.weights().elements())];
    Channels channels = new Channels(layer, layer.weights().toFloats(), quantized);
    boolean isPerTensor = settings.weights() == WeightScales.PER_TENSOR;
    int together = isPerTensor ? observer.channels() : 1;
    float[] scales = new float[observer.channels() / together];
    int[] bias = new int[layer.bias().length];
    float[] biasScales = new float[bias.length == 0 ? 0 : scales.length];
    List<RaisedScale> raised = new ArrayList<>();
    int floored = 0;
    for (int i = 0; i < scales.length; i++) {
      Part part = new Part(i * together, (i + 1) * together);
      float absMax = part.absMax(observer);
      float preset = settings.weightScale(absMax);
      floored += settings.isFloored(absMax) ? 1 : 0;
      Fitting fitting =
          fit(channels, part, Math.max(preset, smallestExact(inputScale)), inputScale);
      scales[i] = fitting.scale();
      if (bias.length > 0) {
        biasScales[i] = inputScale * scales[i];
        for (int c = part.first(); c < part.end(); c++) {
          bias[c] = QuantMath.quantize(layer.bias()[c], biasScales[i], 0, DataType.S32);
        }
      }
      requireFinite(layer, inputScale, scales[i]);
      if (scales[i] > preset) {
        int channel = fitting.channel();
        raised.add(new RaisedScale(layer.node(), layer.name(), channel, preset, scales[i]));
      }
    }
    Tensor weights = Tensor.of(DataType.S8, quantized, layer.weights().shape().sizes());
    return new IntegerLayer(layer, weights, isPerTensor, scales, bias, biasScales, raised, floored);
  }

  /// Channels that share a scale.
  private record Part(int first, int end) {
    float absMax(PerChannelMinMaxObserver observer) {
      float most = 0;
      for (int c = first; c < end; c++) {
        most = Math.max(most, observer.range(c).absMax());
      }
      return most;
    }
  }

  /// A scale at which all biases fit, and the channel that asks for it.
  private record Fitting(float scale, int channel) {}

  /// Quantizes the weights of a part at `scale`, or at the smallest larger one that its biases
  /// need.
  private static Fitting fit(Channels channels, Part part, float scale, float inputScale) {
    Fitting fitting = new Fitting(scale, part.first());
    for (int c = part.first(); c < part.end(); c++) {
      long sum = channels.quantize(c, scale);
      if (channels.layer().bias().length > 0) {
        float fits = fit(channels.layer(), c, scale, inputScale, sum);
        fitting = fits > fitting.scale() ? new Fitting(fits, c) : fitting;
      }
    }
    for (int c = part.first(); fitting.scale() > scale && c < part.end(); c++) {
      channels.quantize(c, fitting.scale());
    }
    return fitting;
  }

  private static PerChannelMinMaxObserver observe(Source layer) {
    PerChannelMinMaxObserver observer = new PerChannelMinMaxObserver(layer.axis());
    try {
      observer.accept(layer.name(), layer.weights());
    } catch (IllegalArgumentException e) {
      throw new InvalidModel("weights of \"" + layer.node() + "\": " + e.getMessage(), e);
    }
    return observer;
  }

  /// The smallest weight scale whose product with the input's has all bits of a float.
  private static float smallestExact(float inputScale) {
    float smallest = Float.MIN_NORMAL / inputScale;
    while (inputScale * smallest < Float.MIN_NORMAL) {
      smallest = Math.nextUp(smallest);
    }
    return smallest;
  }

  private static void requireFinite(Source layer, float inputScale, float scale) {
    if (Float.isInfinite(inputScale * scale)) {
      throw new InvalidModel(
          "layer \""
              + layer.node()
              + "\": its input has scale "
              + inputScale
              + " and its weights "
              + scale
              + ", whose product is beyond float: the calibration data or the weights are too"
              + " large");
    }
  }

  /// The smallest scale, from the given one upwards, at which the bias leaves room for `sum * 255`.
  private static float fit(Source layer, int c, float scale, float inputScale, long sum) {
    float bias = layer.bias()[c];
    if (!Float.isFinite(bias)) {
      throw new InvalidModel("bias of \"" + layer.node() + "\" holds " + bias + " at channel " + c);
    }
    double room = Integer.MAX_VALUE - Math.min(HEADROOM, sum * 255);
    if (Math.abs((double) (bias / (inputScale * scale))) <= room) {
      return scale;
    }
    float raised = Math.max(scale, (float) (Math.abs((double) bias) / (inputScale * room)));
    while (Math.abs((double) (bias / (inputScale * raised))) > room) {
      raised = Math.nextUp(raised);
    }
    return raised;
  }

  /// The elements of each output channel.
  private record Channels(Source layer, float[] values, byte[] quantized) {
    /// Quantizes channel `c`, and returns the sum of its integers' absolute values.
    long quantize(int c, float scale) {
      int inner = (int) PerChannelMinMaxObserver.inner(layer.weights(), layer.axis());
      int count = (int) layer.weights().shape().size(layer.axis());
      long sum = 0;
      for (int block = c * inner; block < values.length; block += count * inner) {
        for (int i = block; i < block + inner; i++) {
          int q = QuantMath.quantize(values[i], scale, 0, DataType.S8);
          quantized[i] = (byte) q;
          sum += Math.abs(q);
        }
      }
      return sum;
    }
  }
}
