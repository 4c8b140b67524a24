package io.octet.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Quantization;
import io.octet.io.Samples;
import io.octet.nn.Layers;
import io.octet.quant.CalibrationTable;
import io.octet.quant.QConfig;
import io.octet.quant.Quantizer;
import io.octet.runtime.Calibrator;
import io.octet.runtime.Session;
import io.octet.runtime.SessionOptions;
import io.octet.tensor.Tensor;
import io.octet.testkit.Answers;
import io.octet.testkit.Fashion;
import io.octet.testkit.OrtRunner;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A trained network on real images: Octet's answers beside those of ONNX Runtime, with its
/// optimizer off, to the files that Octet writes.
final class WholeNetTest {
  private static final int IMAGES = 1000;

  private static Graph quantized(QConfig qconfig) throws IOException {
    try (Samples samples = Fashion.calibration(64)) {
      Graph graph = Fashion.resnet20();
      CalibrationTable table = Calibrator.calibrate(graph, qconfig, samples);
      return Quantizer.convert(graph, table, qconfig);
    }
  }

  private static Tensor octet(Graph graph, SessionOptions options, Arena arena) throws IOException {
    try (Session session = Session.open(graph, options)) {
      return session.run(Fashion.firstTest(IMAGES), arena).get("logits");
    }
  }

  private static Tensor onnxRuntime(Graph graph) throws Exception {
    try (OrtRunner ort = new OrtRunner(Onnx.toBytes(graph))) {
      return ort.run(Fashion.firstTest(IMAGES)).get("logits");
    }
  }

  @Test
  void theFloatNetAnswersAsOnnxRuntime() throws Exception {
    Graph graph = Fashion.resnet20();
    try (Arena arena = Arena.ofConfined()) {
      Tensor ours = octet(graph, SessionOptions.defaults(), arena);
      double error = Answers.relativeError(onnxRuntime(graph), ours);
      assertTrue(error <= 1e-5, "relative error " + error);
    }
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"auto", "fbgemm", "x86", "onednn"})
  void theQuantizedNetAnswersAsOnnxRuntime(String qconfig) throws Exception {
    Graph graph = quantized(QConfig.named(qconfig));
    Tensor theirs = onnxRuntime(graph);
    try (Arena arena = Arena.ofConfined()) {
      Tensor literal =
          octet(graph, SessionOptions.builder().kernels(k -> k.exact(true)).build(), arena);
      Agreement.of(theirs, literal, step(graph)).assertAtLeast(0.995, 0.999, 0.998);
      // Fused, a residual is added before it is rounded: the one named deviation from the file. How
      // many of 1,000 close calls that turns depends on the kernels: 2 with VNNI, 4 with AVX2.
      Tensor fused =
          octet(graph, SessionOptions.builder().kernels(k -> k.exact(false)).build(), arena);
      Agreement.of(theirs, fused, step(graph)).assertAtLeast(0.95, 0.99, 0.995);
    }
  }

  /// The scale of the last DequantizeLinear.
  private static float step(Graph graph) {
    Node last = graph.producer("logits");
    assertTrue(last.op() instanceof Quantization.DequantizeLinear, "logits are made by " + last);
    return graph.constant(last.input(1)).getFloat(0);
  }

  /// Two sets of logits, counted in steps of the quantized output.
  ///
  /// @param within1 fraction of outputs at most one step apart
  /// @param within2 fraction of outputs at most two steps apart
  /// @param sameClass fraction of images with the same largest output
  private record Agreement(double within1, double within2, double sameClass) {
    static Agreement of(Tensor theirs, Tensor ours, float step) {
      int classes = (int) theirs.shape().size(1);
      int images = (int) theirs.shape().size(0);
      int[] apart = new int[3];
      int same = 0;
      for (int i = 0; i < images; i++) {
        for (int j = 0; j < classes; j++) {
          int at = i * classes + j;
          float steps = Math.abs(theirs.getFloat(at) - ours.getFloat(at)) / step;
          apart[Math.min(2, Math.max(0, Math.round(steps) - 1))]++;
        }
        same += best(theirs, i, classes) == best(ours, i, classes) ? 1 : 0;
      }
      double outputs = images * classes;
      return new Agreement(
          apart[0] / outputs, (apart[0] + apart[1]) / outputs, (double) same / images);
    }

    void assertAtLeast(double one, double two, double sameClasses) {
      assertTrue(within1 >= one && within2 >= two && sameClass >= sameClasses, this::toString);
    }

    private static int best(Tensor logits, int image, int classes) {
      int best = 0;
      for (int j = 1; j < classes; j++) {
        if (logits.getFloat(image * classes + j) > logits.getFloat(image * classes + best)) {
          best = j;
        }
      }
      return best;
    }
  }

  @Test
  void theQuantizedFileIsAThirdOfTheFloatOne() throws IOException {
    Graph graph = quantized(QConfig.auto());
    assertEquals(1_094_632, Fashion.resnet20().parameterBytes(), "shared ones counted once");
    double parameters = (double) Fashion.resnet20().parameterBytes() / graph.parameterBytes();
    double files = (double) Fashion.file().length / Onnx.toBytes(graph).length;
    assertTrue(files >= 3.3, "the file is " + files + " times smaller");
    assertTrue(parameters >= 3.85, "parameters are " + parameters + " times smaller");
  }

  @Test
  void namesAndBytesSurvive() throws IOException {
    Graph graph = quantized(QConfig.auto());
    assertEquals("input", graph.inputs().getFirst().name());
    assertEquals("logits", graph.outputs().getFirst().name());
    Answers.assertSame(graph, Onnx.read(Onnx.toBytes(graph)));
  }

  @Test
  void theTutorialNetAnswersAsOnnxRuntime() throws Exception {
    Graph graph =
        Layers.sequential(
                Layers.conv2d(3, 16, 3).padding(1),
                Layers.relu(),
                Layers.maxPool2d(2),
                Layers.flatten(),
                Layers.linear(16 * 16 * 16, 10))
            .input(3, 32, 32);
    float[] pixels = new float[2 * 3 * 32 * 32];
    java.util.Random random = new java.util.Random(7);
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) random.nextGaussian();
    }
    Map<String, Tensor> inputs =
        Map.of(graph.inputs().getFirst().name(), Tensor.of(pixels, 2, 3, 32, 32));
    try (OrtRunner ort = new OrtRunner(Onnx.toBytes(graph));
        Session session = Session.open(graph);
        Arena arena = Arena.ofConfined()) {
      Answers.assertClose(ort.run(inputs), session.run(inputs, arena), 1e-5, 0);
    }
  }
}
