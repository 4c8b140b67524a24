package io.octet.runtime;

import static io.octet.nn.Layers.conv2d;
import static io.octet.nn.Layers.flatten;
import static io.octet.nn.Layers.linear;
import static io.octet.nn.Layers.maxPool2d;
import static io.octet.nn.Layers.relu;
import static io.octet.nn.Layers.sequential;

import io.octet.OctetException.Unsupported;
import io.octet.cpu.Cpu;
import io.octet.graph.Graph;
import io.octet.quant.QConfig;
import io.octet.quant.Quantizer;
import io.octet.tensor.Tensor;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// A program of its own, because instruction set and libraries are fixed once per process: a
/// quantized network, and a line for each of its nodes. The first line is the verdict, the last one
/// what FallbackPolicy.FAIL says, on one line.
final class FallbackSweep {
  private FallbackSweep() {}

  /// Prints the lines.
  public static void main(String[] args) {
    Graph net =
        sequential(
                conv2d(3, 8, 3).padding(1),
                relu(),
                maxPool2d(2),
                conv2d(8, 8, 3).padding(1),
                flatten(),
                linear(8 * 4 * 4, 10))
            .input(3, 8, 8);
    Random random = new Random(3);
    Iterator<Map<String, Tensor>> samples =
        random.doubles(8).mapToObj(x -> Map.of("input", image(random))).iterator();
    Graph int8 = Quantizer.convert(net, Calibrator.calibrate(net, QConfig.auto(), samples));
    System.out.println("verdict " + Cpu.verdict().path().text());
    SessionOptions options =
        SessionOptions.builder().checks(c -> c.fallback(FallbackPolicy.ALLOW)).build();
    try (Session session = Session.open(int8, options)) {
      session.explain().forEach(FallbackSweep::print);
    }
    try (Session session =
        Session.open(
            int8, options.toBuilder().checks(c -> c.fallback(FallbackPolicy.FAIL)).build())) {
      System.out.println("opened " + session.inputs().size());
    } catch (Unsupported e) {
      System.out.println("refused " + e.getMessage().replace("\n", " | "));
    }
  }

  private static void print(NodeReport node) {
    List<String> words =
        List.of(
            "node",
            node.op(),
            node.dtype(),
            node.backend(),
            node.fellBack() ? "fell" : "-",
            node.fallback() == null ? "-" : node.fallback().code(),
            node.name());
    System.out.println(String.join(" ", words));
  }

  private static Tensor image(Random random) {
    float[] pixels = new float[3 * 8 * 8];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) random.nextGaussian();
    }
    return Tensor.of(pixels, 1, 3, 8, 8);
  }
}
