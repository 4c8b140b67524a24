package io.octet.bench;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Convolution;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Op;
import io.octet.graph.op.Pooling;
import io.octet.graph.op.Product;
import io.octet.graph.op.Unary;
import io.octet.graph.op.ValueInfo;
import io.octet.graph.op.Window;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// A [Net] with random weights as a graph in FP32: good for timings alone.
final class NetGraph {
  private final Net net;
  private final Random random;
  private final Map<String, Net.Image> images;
  private final Map<String, Tensor> constants = new LinkedHashMap<>();
  private final List<Node> nodes = new ArrayList<>();

  private NetGraph(Net net, long seed) {
    this.net = net;
    this.random = new Random(seed);
    this.images = net.images();
  }

  /// The network with weights that keep the activations' size (He's uniform distribution), the same
  /// for the same seed. Its batch axis is free.
  static Graph of(Net net, long seed) {
    return new NetGraph(net, seed).build();
  }

  /// An image of normally distributed numbers for `net`.
  static Tensor image(Net net, Random random) {
    float[] pixels = new float[net.channels() * net.size() * net.size()];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) random.nextGaussian();
    }
    return Tensor.of(pixels, 1, net.channels(), net.size(), net.size());
  }

  private Graph build() {
    net.layers().forEach(this::append);
    Shape image = Shape.batched("N", net.channels(), net.size(), net.size());
    Net.Layer last = net.layers().getLast();
    Shape scores = Shape.batched("N", images.get(last.name()).channels());
    return new Graph(
        net.name(),
        List.of(new ValueInfo(net.input(), DataType.F32, image)),
        List.of(new ValueInfo(last.name(), DataType.F32, scores)),
        constants,
        nodes);
  }

  private void append(Net.Layer layer) {
    switch (layer) {
      case Net.Conv conv -> conv(conv);
      case Net.MaxPool p ->
          node(p.name(), new Pooling.MaxPool(window(p.kernel(), p.stride()), false), p.from());
      case Net.Mean m -> node(m.name(), new Pooling.GlobalAveragePool(), m.from());
      case Net.Linear linear -> linear(linear);
    }
  }

  private void conv(Net.Conv conv) {
    int in = images.get(conv.from()).channels() / conv.groups();
    weights(conv.name(), conv.out(), in, conv.kernel(), conv.kernel());
    boolean adds = !conv.add().isEmpty();
    boolean clamps = conv.activation() != Net.Activation.NONE;
    String value = adds || clamps ? conv.name() + ".conv" : conv.name();
    node(
        value,
        new Convolution.Conv(window(conv.kernel(), conv.stride()), conv.groups()),
        conv.from(),
        conv.name() + ".weight",
        conv.name() + ".bias");
    if (adds) {
      String sum = clamps ? conv.name() + ".add" : conv.name();
      node(sum, new Binary.Add(), value, conv.add());
      value = sum;
    }
    switch (conv.activation()) {
      case NONE -> {}
      case RELU -> node(conv.name(), new Unary.Relu(), value);
      case RELU6 -> node(conv.name(), new Unary.Clip(0, 6), value);
    }
  }

  private void linear(Net.Linear linear) {
    int in = images.get(linear.from()).channels();
    weights(linear.name(), linear.out(), in);
    String flat = linear.name() + ".flatten";
    node(flat, new Movement.Flatten(1), linear.from());
    node(
        linear.name(),
        new Product.Gemm(1, 1, false, true),
        flat,
        linear.name() + ".weight",
        linear.name() + ".bias");
  }

  private void weights(String layer, long... shape) {
    int fanIn = 1;
    for (int i = 1; i < shape.length; i++) {
      fanIn *= (int) shape[i];
    }
    int channels = (int) shape[0];
    float bound = (float) Math.sqrt(6.0 / fanIn);
    constants.put(layer + ".weight", Tensor.of(uniform(channels * fanIn, bound), shape));
    constants.put(layer + ".bias", Tensor.of(uniform(channels, 0.1f), channels));
  }

  private float[] uniform(int count, float bound) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (2 * random.nextFloat() - 1) * bound;
    }
    return values;
  }

  private static Window window(int kernel, int stride) {
    int pad = kernel / 2;
    return Window.of(kernel, kernel).stride(stride, stride).pads(pad, pad, pad, pad);
  }

  private void node(String name, Op op, String... inputs) {
    nodes.add(new Node(name, op, List.of(inputs), name));
  }
}
