package io.octet.testkit;

import io.octet.graph.Graph;
import io.octet.io.Idx;
import io.octet.io.Pixels;
import io.octet.io.Samples;
import io.octet.onnx.Onnx;
import io.octet.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The demo's network and images: a trained ResNet-20, 512 training images for calibration, 10,000
/// test images.
public final class Fashion {
  private static final Pixels PIXELS = new Pixels(List.of(0.2860f), List.of(0.3530f));

  private Fashion() {}

  /// The trained network, in float, as its file has it.
  public static Graph resnet20() throws IOException {
    return Onnx.read(bytes("fashion_resnet20.onnx"));
  }

  /// The network's file.
  public static byte[] file() throws IOException {
    return bytes("fashion_resnet20.onnx");
  }

  /// The training images, batch by batch.
  public static Samples calibration(int batch) throws IOException {
    return images("train512-images-idx3-ubyte.gz", batch);
  }

  /// The test images, batch by batch.
  public static Samples test(int batch) throws IOException {
    return images("t10k-images-idx3-ubyte.gz", batch);
  }

  /// The first `count` test images as one batch.
  public static Map<String, Tensor> firstTest(int count) throws IOException {
    try (Samples samples = test(count)) {
      return samples.next();
    }
  }

  private static Samples images(String name, int batch) throws IOException {
    return Samples.of(
        Map.of("images", Idx.open(bytes(name), name)),
        resnet20().inputs(),
        batch,
        Optional.of(PIXELS));
  }

  private static byte[] bytes(String name) throws IOException {
    try (InputStream in = Fashion.class.getResourceAsStream("/io/octet/cli/demo/" + name)) {
      return in.readAllBytes();
    }
  }
}
