package io.octet.testkit;

import io.octet.graph.Graph;
import io.octet.graph.op.ValueInfo;
import io.octet.tensor.DataType;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/// Models of `resources/onnx-reports`: forms that users of comparable tools reported.
public final class ReportedModels {
  private ReportedModels() {}

  /// All of one folder, by name.
  public static List<Path> all(String folder) throws IOException {
    try (Stream<Path> files = Files.list(folder(folder))) {
      return files.filter(f -> f.toString().endsWith(".onnx")).sorted().toList();
    }
  }

  /// One of a folder, without its ending.
  public static Path named(String folder, String name) {
    return folder(folder).resolve(name + ".onnx");
  }

  private static Path folder(String name) {
    try {
      return Path.of(ReportedModels.class.getResource("/onnx-reports/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Random floats for each input; free axes are 3 long.
  public static Map<String, Tensor> inputs(Graph graph) {
    Random random = new Random(25);
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    for (ValueInfo input : graph.inputs()) {
      List<Dim> dims =
          input.shape().dims().stream()
              .map(d -> d instanceof Dim.Symbol ? new Dim.Fixed(3) : d)
              .toList();
      Shape shape = new Shape(dims);
      if (input.type() != DataType.F32) {
        throw new IllegalArgumentException(input + " is no float");
      }
      float[] values = new float[Math.toIntExact(shape.elements())];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextGaussian();
      }
      inputs.put(input.name(), Tensor.of(values, shape.sizes()));
    }
    return inputs;
  }
}
