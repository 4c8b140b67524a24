package io.octet.internal.compile;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.ShapeInference;
import io.octet.graph.op.Convolution;
import io.octet.graph.op.Op;
import io.octet.graph.op.Product;
import io.octet.graph.op.Quantization;
import io.octet.graph.op.ValueInfo;
import io.octet.graph.op.Window;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// Graphs with QuantizeLinear and DequantizeLinear nodes, written down node by node. Each method
/// returns the name of the value that it makes; a node is called as its value.
public final class QdqNet {
  private final Random random = new Random(7);
  private final List<ValueInfo> inputs = new ArrayList<>();
  private final Map<String, Tensor> constants = new LinkedHashMap<>();
  private final List<Node> nodes = new ArrayList<>();

  /// A float image.
  public String input(String name, long... shape) {
    inputs.add(new ValueInfo(name, DataType.F32, Shape.of(shape)));
    return name;
  }

  public String node(String name, Op op, String... from) {
    nodes.add(new Node(name, op, List.of(from), name));
    return name;
  }

  String constant(String name, Tensor value) {
    constants.put(name, value);
    return name;
  }

  /// Quantized to u8 with zero point 0: nodes NAME.q and NAME.dq.
  public String u8(String name, String from, float scale) {
    return qdq(name, from, DataType.U8, scale, 0);
  }

  /// Quantized to s8 with zero point 0.
  String s8(String name, String from, float scale) {
    return qdq(name, from, DataType.S8, scale, 0);
  }

  public String qdq(String name, String from, DataType type, float scale, int zeroPoint) {
    return dequantize(name + ".dq", quantize(name + ".q", from, type, scale, zeroPoint));
  }

  String quantize(String name, String from, DataType type, float scale, int zeroPoint) {
    return node(
        name,
        new Quantization.QuantizeLinear(0, type),
        from,
        scale(name, scale),
        zero(name, type, zeroPoint));
  }

  String dequantize(String name, String from) {
    String q = from;
    return node(name, new Quantization.DequantizeLinear(0), q, q + ".scale", q + ".zero");
  }

  String scale(String name, float scale) {
    return constant(name + ".scale", Tensor.scalar(scale));
  }

  String zero(String name, DataType type, int zeroPoint) {
    return constant(name + ".zero", Tensor.of(type, new byte[] {(byte) zeroPoint}));
  }

  /// A convolution with random s8 weights of one scale for each channel, and an int32 bias.
  public String conv(String name, String from, int in, int out, int kernel) {
    return conv(name, from, in, out, padded(kernel));
  }

  public String conv(String name, String from, int in, int out, Window window) {
    weights(name, out, in, window.kernelH(), window.kernelW());
    return node(
        name, new Convolution.Conv(window, 1), from, name + ".weight.dq", name + ".bias.dq");
  }

  /// A linear layer, [out, in] weights, as {@link #conv(String, String, int, int, int)}.
  String linear(String name, String from, int in, int out) {
    weights(name, out, in);
    return node(
        name, new Product.Gemm(1, 1, false, true), from, name + ".weight.dq", name + ".bias.dq");
  }

  private void weights(String layer, long... shape) {
    int channels = (int) shape[0];
    int inner = (int) (Arrays.stream(shape).reduce(1, (a, b) -> a * b) / channels);
    byte[] values = new byte[channels * inner];
    random.nextBytes(values);
    float[] scales = new float[channels];
    int[] bias = new int[channels];
    for (int c = 0; c < channels; c++) {
      scales[c] = (0.5f + random.nextFloat()) / 128 / (float) Math.sqrt(inner);
      bias[c] = random.nextInt(-2000, 2000);
    }
    constant(layer + ".weight", Tensor.of(DataType.S8, values, shape));
    constant(layer + ".weight.scale", Tensor.of(scales, channels));
    node(
        layer + ".weight.dq",
        new Quantization.DequantizeLinear(0),
        layer + ".weight",
        layer + ".weight.scale");
    constant(layer + ".bias", Tensor.of(bias, channels));
    constant(layer + ".bias.scale", Tensor.of(scales.clone(), channels));
    node(
        layer + ".bias.dq",
        new Quantization.DequantizeLinear(0),
        layer + ".bias",
        layer + ".bias.scale");
  }

  static Window padded(int kernel) {
    int pad = kernel / 2;
    return Window.of(kernel, kernel).pads(pad, pad, pad, pad);
  }

  public Graph graph(String... outputs) {
    List<ValueInfo> open =
        Arrays.stream(outputs).map(o -> new ValueInfo(o, DataType.F32, Shape.of())).toList();
    Graph untyped = new Graph("net", inputs, open, constants, nodes);
    Map<String, ValueInfo> infos = ShapeInference.infer(untyped);
    return untyped.withOutputs(Arrays.stream(outputs).map(infos::get).toList());
  }

  /// An image for {@link #input}.
  public static Tensor image(long seed, long... shape) {
    Random random = new Random(seed);
    float[] pixels = new float[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) random.nextGaussian();
    }
    return Tensor.of(pixels, shape);
  }
}
