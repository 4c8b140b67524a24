package org.example.consumer;

import static io.octet.nn.Layers.conv2d;
import static io.octet.nn.Layers.flatten;
import static io.octet.nn.Layers.linear;
import static io.octet.nn.Layers.maxPool2d;
import static io.octet.nn.Layers.relu;
import static io.octet.nn.Layers.sequential;

import io.octet.graph.Graph;
import io.octet.quant.QConfig;
import io.octet.quant.Quantizer;
import io.octet.runtime.Calibrator;
import io.octet.runtime.Session;
import io.octet.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/// The tutorial network as a stranger would run it: built, calibrated on 100 inputs, converted, and
/// compared with itself in FP32.
final class Tutorial {
  private static final int INPUTS = 100;

  private Tutorial() {}

  public static void main(String[] args) {
    Graph net =
        sequential(
                conv2d(3, 16, 3).padding(1),
                relu(),
                maxPool2d(2),
                flatten(),
                linear(16 * 16 * 16, 10))
            .input(3, 32, 32);
    Random random = new Random(7);
    List<Map<String, Tensor>> inputs =
        Stream.generate(() -> Map.of("input", image(random))).limit(INPUTS).toList();
    Graph quantized =
        Quantizer.convert(net, Calibrator.calibrate(net, QConfig.auto(), inputs.iterator()));
    try (Session fp32 = Session.open(net);
        Session int8 = Session.open(quantized)) {
      int8.explain()
          .forEach(
              n -> System.out.println("layer " + n.op() + " " + n.dtype() + " " + n.backend()));
      long agree =
          inputs.stream().filter(input -> answer(fp32, input) == answer(int8, input)).count();
      System.out.println("agreement " + agree + " of " + INPUTS);
      System.out.println("bytes " + net.parameterBytes() + " -> " + quantized.parameterBytes());
      System.out.println("us " + micros(fp32, inputs) + " -> " + micros(int8, inputs));
    }
  }

  private static Tensor image(Random random) {
    float[] pixels = new float[3 * 32 * 32];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) random.nextGaussian();
    }
    return Tensor.of(pixels, 1, 3, 32, 32);
  }

  private static int answer(Session session, Map<String, Tensor> input) {
    try (Arena arena = Arena.ofConfined()) {
      float[] logits = session.run(input, arena).get("output").toFloats();
      int best = 0;
      for (int i = 1; i < logits.length; i++) {
        best = logits[i] > logits[best] ? i : best;
      }
      return best;
    }
  }

  private static long micros(Session session, List<Map<String, Tensor>> inputs) {
    long start = System.nanoTime();
    inputs.forEach(input -> answer(session, input));
    return (System.nanoTime() - start) / 1000 / inputs.size();
  }
}
