package io.octet.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.runtime.FallbackPolicy;
import io.octet.runtime.NodeReport;
import io.octet.runtime.Session;
import io.octet.runtime.SessionOptions;
import io.octet.tensor.DataType;
import io.octet.tensor.Tensor;
import io.octet.testkit.Machine;
import io.octet.testkit.OnnxCase;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Quantized models that others wrote (`resources/onnx-qdq`): Octet reads them, answers as ONNX
/// Runtime did, and runs in int8 whatever it has int8 kernels for.
final class ForeignQdqTest {
  /// Layers that stay in float, by model, and why.
  private static final Map<String, String> FLOAT_LAYERS =
      Map.of(
          "conv_weights_along_inputs", "along axis 1",
          "conv_input_scale_given_late", "no single, constant scale",
          "conv_computed_scale", "no single, constant scale",
          "conv_scales_along_channels", "no single, constant scale");

  static Stream<OnnxCase> cases() throws IOException {
    return OnnxCase.all("onnx-qdq");
  }

  private static SessionOptions options() {
    return SessionOptions.builder().checks(c -> c.fallback(FallbackPolicy.ALLOW)).build();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void everyAnswerIsWithinOneStep(OnnxCase c) throws IOException {
    Graph graph = Onnx.read(c.model());
    for (String backend : List.of("onednn", "jvm", "reference")) {
      SessionOptions options =
          options().toBuilder().kernels(k -> k.exact(true).backends(backend)).build();
      try (Session session = Session.open(graph, options);
          Arena arena = Arena.ofConfined()) {
        Map<String, Tensor> answers = session.run(c.inputs(), arena);
        assertEquals(c.outputs().keySet(), answers.keySet());
        c.outputs()
            .forEach(
                (name, expected) -> {
                  double[] off = steps(graph, name, expected, answers.get(name));
                  assertTrue(off[0] <= 1.001, backend + ": " + name + " off by " + off[0]);
                });
      }
    }
  }

  /// What is left out of a residual sum moves later values by a step or two; where the file clips
  /// values that calibration did not see, by more.
  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void fusedAnswersStayNear(OnnxCase c) throws IOException {
    Graph graph = Onnx.read(c.model());
    try (Session session = Session.open(graph, options());
        Arena arena = Arena.ofConfined()) {
      boolean elides = session.explain().stream().anyMatch(r -> !r.elided().isEmpty());
      Map<String, Tensor> answers = session.run(c.inputs(), arena);
      c.outputs()
          .forEach(
              (name, expected) -> {
                double[] off = steps(graph, name, expected, answers.get(name));
                assertTrue(elides || off[0] <= 1.001, name + " off by " + off[0]);
                assertTrue(off[1] <= 1, name + " off by " + off[1] + " in the mean");
              });
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void layersRunInInt8(OnnxCase c) throws IOException {
    Machine.requireInt8();
    try (Session session = Session.open(Onnx.read(c.model()), options())) {
      Set<String> reasons = new TreeSet<>();
      for (NodeReport row : session.explain()) {
        boolean layer = Set.of("Conv", "Gemm", "MatMul").contains(row.op());
        if (layer && row.dtype().equals("fp32")) {
          reasons.add(row.fallback().text());
        }
      }
      String known = FLOAT_LAYERS.get(c.name());
      assertEquals(known != null, !reasons.isEmpty(), reasons::toString);
      reasons.forEach(reason -> assertTrue(reason.contains(known), reason));
    }
  }

  /// The largest and the mean difference, in steps of the output's quantization; of 1/255 of the
  /// largest answer where it has none.
  private static double[] steps(Graph graph, String name, Tensor expected, Tensor actual) {
    assertEquals(expected.toString(), actual.toString(), "type and shape of " + name);
    double step = expected.type() == DataType.F32 ? step(graph, name, expected) : 1;
    double largest = 0;
    double sum = 0;
    for (long i = 0; i < expected.elements(); i++) {
      double off = Math.abs(value(expected, i) - value(actual, i)) / step;
      assertTrue(Double.isFinite(off), name);
      largest = Math.max(largest, off);
      sum += off;
    }
    return new double[] {largest, sum / expected.elements()};
  }

  private static double step(Graph graph, String name, Tensor expected) {
    Node maker = graph.producer(name);
    Tensor scale = maker.inputs().size() > 1 ? graph.constant(maker.input(1)) : null;
    if (scale != null && scale.type() == DataType.F32 && scale.elements() == 1) {
      return scale.getFloat(0);
    }
    double largest = 0;
    for (float value : expected.toFloats()) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest / 255;
  }

  private static double value(Tensor tensor, long index) {
    return tensor.type() == DataType.F32 ? tensor.getFloat(index) : tensor.getInteger(index);
  }
}
