package io.octet.testkit;

import static io.octet.nn.Layers.conv2d;
import static io.octet.nn.Layers.flatten;
import static io.octet.nn.Layers.linear;
import static io.octet.nn.Layers.maxPool2d;
import static io.octet.nn.Layers.relu;
import static io.octet.nn.Layers.residual;
import static io.octet.nn.Layers.sequential;

import io.octet.graph.Graph;
import io.octet.quant.QConfig;
import io.octet.quant.Quantizer;
import io.octet.runtime.Calibrator;
import io.octet.tensor.Tensor;
import java.util.Iterator;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/// Networks of a few layers with random weights: fast to compile and to run, with a residual sum, a
/// pool and a flattening inside. Input "input" [N,3,12,12], output "output" [N,10].
public final class SmallNets {
  private static final int CHANNELS = 3;
  private static final int SIZE = 12;

  private SmallNets() {}

  /// The float network.
  public static Graph fp32(long seed) {
    return sequential(
            conv2d(CHANNELS, 16, 3).padding(1),
            relu(),
            residual(
                sequential(conv2d(16, 16, 3).padding(1), relu(), conv2d(16, 16, 3).padding(1))),
            relu(),
            maxPool2d(2),
            flatten(),
            linear(16 * 6 * 6, 10))
        .seed(seed)
        .input(CHANNELS, SIZE, SIZE);
  }

  /// The same in int8, calibrated on random images.
  public static Graph int8(long seed) {
    return int8(fp32(seed), seed);
  }

  /// `graph`, which takes the images of {@link #image}, in int8.
  public static Graph int8(Graph graph, long seed) {
    Iterator<Map<String, Tensor>> samples =
        IntStream.range(0, 4).mapToObj(i -> Map.of("input", image(2, seed + i))).iterator();
    return Quantizer.convert(graph, Calibrator.calibrate(graph, QConfig.auto(), samples));
  }

  /// A batch of random images on the heap.
  public static Tensor image(int batch, long seed) {
    Random random = new Random(seed);
    float[] pixels = new float[batch * CHANNELS * SIZE * SIZE];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) random.nextGaussian();
    }
    return Tensor.of(pixels, batch, CHANNELS, SIZE, SIZE);
  }
}
