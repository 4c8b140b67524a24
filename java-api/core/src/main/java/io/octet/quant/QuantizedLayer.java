package io.octet.quant;

import io.octet.OctetException.InvalidModel;
import io.octet.graph.Graph;
import io.octet.internal.pass.Constants;
import io.octet.internal.pass.LayerNode;
import io.octet.quant.CalibrationTable.RaisedScale;
import io.octet.quant.observe.PerChannelMinMaxObserver;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantMath;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// Weights and bias of one layer in integers.
///
/// @param weights s8, shaped as the float weights
/// @param axis the output channels' axis
/// @param scales one for each output channel
/// @param bias s32 at `inputScale * scales[c]`; empty where the layer has none
/// @param biasScales `inputScale * scales[c]`; empty where the layer has no bias
/// @param raised channels whose scale is not the preset's
/// @param floored how many channels have the preset's smallest scale instead of their own
public record QuantizedLayer(
    Tensor weights,
    int axis,
    float[] scales,
    int[] bias,
    float[] biasScales,
    List<RaisedScale> raised,
    int floored) {

  /// What is quantized.
  ///
  /// @param node name of the layer
  /// @param name name of the weights
  /// @param weights F32
  /// @param axis the output channels' axis
  /// @param bias one for each channel, or empty
  public record Source(String node, String name, Tensor weights, int axis, float[] bias) {}

  /// Quantizes the weights and bias of a layer of floats, whose input has the given parameters.
  static QuantizedLayer of(Graph graph, LayerNode layer, QuantParams input, QConfig qconfig) {
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
    return quantize(source, input.scale(), qconfig);
  }

  /// Room that a bias leaves for the products that are added to it, at most.
  private static final long HEADROOM = 1L << 30;

  /// Per channel, symmetric: `scale = max(absmax / steps, smallest)`, then ONNX's QuantizeLinear.
  /// The scale is raised where the multiplier of the sums, `inputScale * scale`, would not be
  /// exact, and where a bias and the largest sum of products do not fit int32 together: such are
  /// dead channels, weights near zero and scales smaller still.
  ///
  /// @throws InvalidModel if a weight or bias is not finite, or the multiplier is beyond float
  public static QuantizedLayer quantize(Source layer, float inputScale, QConfig qconfig) {
    PerChannelMinMaxObserver observer = observe(layer);
    byte[] quantized = new byte[Math.toIntExact(layer.weights().elements())];
    float[] scales = new float[observer.channels()];
    int[] bias = new int[layer.bias().length];
    float[] biasScales = new float[bias.length];
    List<RaisedScale> raised = new ArrayList<>();
    int floored = 0;
    Channels channels = new Channels(layer, layer.weights().toFloats(), quantized);
    float exact = smallestExact(inputScale);
    for (int c = 0; c < scales.length; c++) {
      float absMax = observer.range(c).absMax();
      float preset = preset(absMax, qconfig);
      floored += absMax > 0 && preset > absMax / qconfig.weightSteps() ? 1 : 0;
      scales[c] = Math.max(preset, exact);
      long sum = channels.quantize(c, scales[c]);
      if (bias.length > 0) {
        float fitting = fit(layer, c, scales[c], inputScale, sum);
        if (fitting > scales[c]) {
          scales[c] = fitting;
          channels.quantize(c, fitting);
        }
        biasScales[c] = inputScale * scales[c];
        bias[c] = QuantMath.quantize(layer.bias()[c], biasScales[c], 0, DataType.S32);
      }
      requireFinite(layer, inputScale, scales[c]);
      if (scales[c] > preset) {
        raised.add(new RaisedScale(layer.node(), layer.name(), c, preset, scales[c]));
      }
    }
    Tensor weights = Tensor.of(DataType.S8, quantized, layer.weights().shape().sizes());
    return new QuantizedLayer(weights, layer.axis(), scales, bias, biasScales, raised, floored);
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

  private static float preset(float absMax, QConfig qconfig) {
    return QuantMath.symmetricScale(absMax, qconfig.weightSteps(), qconfig.smallestScale());
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
