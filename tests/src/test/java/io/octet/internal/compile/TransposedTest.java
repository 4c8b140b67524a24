package io.octet.internal.compile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.ShapeInference;
import io.octet.graph.op.Convolution;
import io.octet.graph.op.Normalization;
import io.octet.graph.op.Resampling;
import io.octet.graph.op.Unary;
import io.octet.graph.op.ValueInfo;
import io.octet.graph.op.Window;
import io.octet.onnx.Onnx;
import io.octet.quant.CalibrationTable;
import io.octet.quant.QConfig;
import io.octet.quant.Quantizer;
import io.octet.runtime.Calibrator;
import io.octet.runtime.NodeReport;
import io.octet.runtime.Session;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.OrtRunner;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// The head of a detector of text: transposed convolutions and a line of pixels, folded, calibrated
/// and converted like other layers, and run whole in int8.
class TransposedTest {
  private final Random random = new Random(7);

  private Tensor normal(double scale, long... sizes) {
    float[] values = new float[Math.toIntExact(Shape.of(sizes).elements())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextGaussian() * scale);
    }
    return Tensor.of(values, sizes);
  }

  private Graph head() {
    Window two = Window.of(2, 2).stride(2, 2);
    Tensor ones = Tensor.of(new float[] {1, 1.5f, 0.5f, 2, 1, 1}, 6);
    List<Node> nodes =
        List.of(
            new Node(
                "up",
                new Convolution.ConvTranspose(two, 1, List.of(0, 0), List.of()),
                List.of("x", "w1", "b1"),
                "u"),
            new Node(
                "norm",
                new Normalization.BatchNormalization(1e-5f),
                List.of("u", "ones", "b1", "b1", "ones"),
                "n"),
            new Node("relu", new Unary.Relu(), List.of("n"), "r"),
            new Node(
                "grow",
                Resampling.Resize.of(
                    Resampling.Mode.NEAREST,
                    Resampling.Coordinates.ASYMMETRIC,
                    Resampling.Nearest.FLOOR),
                List.of("r", "", "twice"),
                "g"),
            new Node(
                "again",
                new Convolution.ConvTranspose(two, 1, List.of(0, 0), List.of()),
                List.of("g", "w2"),
                "y"));
    Graph open =
        new Graph(
            "head",
            List.of(new ValueInfo("x", DataType.F32, Shape.of(1, 8, 5, 6))),
            List.of(new ValueInfo("y", DataType.F32, Shape.of())),
            Map.of(
                "w1", normal(0.3, 8, 6, 2, 2),
                "b1", normal(0.1, 6),
                "ones", ones,
                "w2", normal(0.3, 6, 1, 2, 2),
                "twice", Tensor.of(new float[] {1, 1, 2, 2}, 4)),
            nodes);
    return open.withOutputs(List.of(ShapeInference.infer(open).get("y")));
  }

  @Test
  void aTransposedLayerIsFoldedCalibratedAndRunInInt8AsOnnxRuntimeDoes() throws Exception {
    Graph floats = head();
    List<Map<String, Tensor>> data =
        IntStream.range(0, 8).mapToObj(_ -> Map.of("x", normal(1, 1, 8, 5, 6))).toList();
    assertClose(floats, data.getFirst(), 1e-5);
    CalibrationTable table = Calibrator.calibrate(floats, QConfig.auto(), data.iterator());
    Graph quantized = Quantizer.convert(floats, table);
    assertTrue(quantized.nodes().stream().noneMatch(n -> n.name().equals("norm")));
    assertClose(quantized, data.getFirst(), 0.01);
    try (Session session = Session.open(quantized)) {
      List<String> int8 =
          session.explain().stream()
              .filter(row -> row.dtype().equals("int8"))
              .map(NodeReport::name)
              .toList();
      assertTrue(int8.containsAll(List.of("up", "grow", "again")), session.explain()::toString);
    }
  }

  /// The largest difference, as part of the largest output, is at most `most`.
  private static void assertClose(Graph graph, Map<String, Tensor> x, double most)
      throws Exception {
    try (OrtRunner ort = new OrtRunner(Onnx.toBytes(graph));
        Session session = Session.open(graph);
        Arena arena = Arena.ofConfined()) {
      Tensor expected = ort.run(x).get("y");
      Tensor actual = session.run(x, arena).get("y");
      assertEquals(expected.toString(), actual.toString());
      double largest = 0;
      double distance = 0;
      for (long i = 0; i < expected.elements(); i++) {
        largest = Math.max(largest, Math.abs(expected.getFloat(i)));
        distance = Math.max(distance, Math.abs(expected.getFloat(i) - actual.getFloat(i)));
      }
      assertTrue(distance <= most * largest, distance + " of " + largest);
    }
  }
}
