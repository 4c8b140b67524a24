package io.octet.cli.demo;

import io.octet.graph.Graph;
import io.octet.io.DataFiles;
import io.octet.io.Idx;
import io.octet.io.Pixels;
import io.octet.io.Rows;
import io.octet.io.Samples;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What the demo carries; README.md beside the files says where they come from.
final class DemoFiles {
  /// Mean and standard deviation that the network was trained with.
  private static final Pixels PIXELS = new Pixels(List.of(0.2860f), List.of(0.3530f));

  private DemoFiles() {}

  static byte[] network() throws IOException {
    return bytes("fashion_resnet20.onnx");
  }

  /// 512 training images.
  static Samples calibration(Graph graph, int batch) throws IOException {
    return samples("train512-images-idx3-ubyte.gz", graph, 512, batch);
  }

  /// The first of the 10,000 test images.
  static Samples test(Graph graph, int images, int batch) throws IOException {
    return samples("t10k-images-idx3-ubyte.gz", graph, images, batch);
  }

  /// The classes of the test images.
  static int[] labels() throws IOException {
    try (Rows rows = idx("t10k-labels-idx1-ubyte.gz")) {
      return DataFiles.labels(rows);
    }
  }

  private static Samples samples(String name, Graph graph, int images, int batch)
      throws IOException {
    Rows rows = Rows.first(idx(name), images);
    return Samples.of(Map.of(name, rows), graph.inputs(), batch, Optional.of(PIXELS));
  }

  private static Rows idx(String name) throws IOException {
    return Idx.open(bytes(name), name);
  }

  private static byte[] bytes(String name) throws IOException {
    try (InputStream in = DemoFiles.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IOException("the demo's file " + name + " is missing from this build of Octet");
      }
      return in.readAllBytes();
    }
  }
}
