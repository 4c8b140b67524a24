package io.octet.internal.compile;

import static io.octet.nn.Layers.adaptiveAvgPool2d;
import static io.octet.nn.Layers.avgPool2d;
import static io.octet.nn.Layers.batchNorm2d;
import static io.octet.nn.Layers.concat;
import static io.octet.nn.Layers.conv2d;
import static io.octet.nn.Layers.flatten;
import static io.octet.nn.Layers.hardswish;
import static io.octet.nn.Layers.identity;
import static io.octet.nn.Layers.leakyRelu;
import static io.octet.nn.Layers.linear;
import static io.octet.nn.Layers.maxPool2d;
import static io.octet.nn.Layers.relu;
import static io.octet.nn.Layers.relu6;
import static io.octet.nn.Layers.residual;
import static io.octet.nn.Layers.sequential;
import static io.octet.nn.Layers.sigmoid;

import io.octet.graph.Graph;
import io.octet.nn.Layer;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// A network of random layers over a small image: everything that the compiler fuses, in any order.
final class RandomNet {
  private final Random random;
  private final int inputChannels;
  private final int inputSize;
  private final List<Layer> layers = new ArrayList<>();
  private int channels;
  private int size;

  RandomNet(long seed) {
    random = new Random(seed);
    inputChannels = random.nextInt(1, 9);
    inputSize = random.nextInt(5, 15);
    channels = inputChannels;
    size = inputSize;
    for (int i = random.nextInt(2, 6); i > 0; i--) {
      layers.add(block());
    }
    head();
  }

  /// With weights that follow from the seed.
  Graph graph() {
    return sequential(layers.toArray(Layer[]::new))
        .seed(random.nextLong())
        .input(inputChannels, inputSize, inputSize);
  }

  /// A batch for it.
  Tensor image(int batch) {
    return QdqNet.image(random.nextLong(), batch, inputChannels, inputSize, inputSize);
  }

  private Layer block() {
    return switch (random.nextInt(7)) {
      case 0 -> pool();
      case 1 -> sequential(residual(body(channels)), activation());
      case 2 -> {
        int out = random.nextInt(1, 20);
        Layer.Sequential body = body(out);
        Layer shortcut = conv2d(channels, out, 1);
        channels = out;
        yield sequential(residual(body, shortcut), activation());
      }
      case 3 -> {
        int more = random.nextInt(1, 9);
        Layer.Branches joined = concat(conv2d(channels, more, 3).padding(1), identity());
        channels += more;
        yield sequential(joined, activation());
      }
      case 4 -> {
        Layer normed = sequential(conv(), batchNorm2d(channels));
        yield sequential(normed, activation());
      }
      default -> {
        Layer conv = conv();
        yield sequential(conv, activation());
      }
    };
  }

  private Layer.Sequential body(int out) {
    int inner = random.nextInt(1, 20);
    return sequential(conv2d(channels, inner, 3).padding(1), activation(), conv2d(inner, out, 1));
  }

  private Layer conv() {
    int kernel = Math.min(size, random.nextInt(1, 5));
    int stride = random.nextInt(1, 3);
    int pad = random.nextInt(kernel);
    boolean depthwise = random.nextInt(4) == 0;
    int out = depthwise ? channels : random.nextInt(1, 25);
    Layer.Conv2d conv =
        conv2d(channels, out, kernel)
            .stride(stride)
            .padding(pad)
            .groups(depthwise ? channels : 1)
            .bias(random.nextBoolean());
    channels = out;
    size = (size + 2 * pad - kernel) / stride + 1;
    return conv;
  }

  private Layer pool() {
    int window = Math.min(size, random.nextInt(1, 4));
    size = (size - window) / window + 1;
    return random.nextBoolean() ? maxPool2d(window) : avgPool2d(window);
  }

  private Layer activation() {
    return switch (random.nextInt(9)) {
      case 0 -> identity();
      case 1 -> relu6();
      case 2 -> hardswish();
      case 3 -> leakyRelu();
      case 4 -> sigmoid();
      default -> relu();
    };
  }

  private void head() {
    boolean averages = random.nextBoolean();
    if (averages) {
      layers.add(adaptiveAvgPool2d(1));
      size = 1;
    }
    if (random.nextInt(4) > 0) {
      layers.add(flatten());
      int features = channels * size * size;
      if (random.nextBoolean()) {
        layers.add(linear(features, 12));
        layers.add(activation());
        features = 12;
      }
      layers.add(linear(features, 10));
    }
  }
}
