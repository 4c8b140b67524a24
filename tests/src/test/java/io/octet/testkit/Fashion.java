package io.octet.testkit;

import io.octet.graph.Graph;
import io.octet.io.DataFiles;
import io.octet.io.Idx;
import io.octet.io.Pixels;
import io.octet.io.Rows;
import io.octet.io.Samples;
import io.octet.onnx.Onnx;
import io.octet.quant.QConfig;
import io.octet.quant.Quantizer;
import io.octet.runtime.Calibrator;
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

  /// The first `images` test images, batch by batch.
  public static Samples test(int images, int batch) throws IOException {
    String name = "t10k-images-idx3-ubyte.gz";
    return images(Rows.first(Idx.open(bytes(name), name), images), batch);
  }

  /// The first `count` test images as one batch.
  public static Map<String, Tensor> firstTest(int count) throws IOException {
    try (Samples samples = test(count)) {
      return samples.next();
    }
  }

  /// The classes of the test images.
  public static int[] labels() throws IOException {
    String name = "t10k-labels-idx1-ubyte.gz";
    try (Rows rows = Idx.open(bytes(name), name)) {
      return DataFiles.labels(rows);
    }
  }

  /// The network in int8, calibrated as the demo does it.
  public static Graph int8(QConfig qconfig) throws IOException {
    Graph graph = resnet20();
    try (Samples samples = calibration(32)) {
      return Quantizer.convert(graph, Calibrator.calibrate(graph, qconfig, samples), qconfig);
    }
  }

  private static Samples images(String name, int batch) throws IOException {
    return images(Idx.open(bytes(name), name), batch);
  }

  private static Samples images(Rows images, int batch) throws IOException {
    return Samples.of(Map.of("images", images), resnet20().inputs(), batch, Optional.of(PIXELS));
  }

  private static byte[] bytes(String name) throws IOException {
    try (InputStream in = Fashion.class.getResourceAsStream("/io/octet/cli/demo/" + name)) {
      return in.readAllBytes();
    }
  }
}
