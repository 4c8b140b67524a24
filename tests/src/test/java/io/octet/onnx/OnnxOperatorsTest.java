package io.octet.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.octet.OctetException;
import io.octet.cpu.Cpu;
import io.octet.cpu.Verdict;
import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Op;
import io.octet.graph.op.Quantization;
import io.octet.graph.op.ValueInfo;
import io.octet.runtime.Session;
import io.octet.runtime.SessionOptions;
import io.octet.tensor.Tensor;
import io.octet.testkit.Answers;
import io.octet.testkit.OnnxCase;
import io.octet.testkit.OnnxNodeCase;
import io.octet.testkit.OrtRunner;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every operator in every form that it had from opset 7 to 21, in the models of
/// `resources/onnx-ops`.
final class OnnxOperatorsTest {
  static Stream<OnnxCase> cases() throws IOException {
    return OnnxCase.all();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void whatIsWrittenIsReadAsTheSameGraph(OnnxCase c) throws IOException {
    Graph graph = Onnx.read(c.model());
    byte[] written = Onnx.toBytes(graph);
    Answers.assertSame(graph, Onnx.read(written));
    assertArrayEquals(written, Onnx.toBytes(Onnx.read(written)), "the same graph, other bytes");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void onnxRuntimeAnswersTheSameToWhatIsWritten(OnnxCase c) throws Exception {
    try (OrtRunner ort = new OrtRunner(Onnx.toBytes(Onnx.read(c.model())))) {
      Answers.assertClose(c.outputs(), ort.run(c.inputs()), 1e-6, 0);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void octetAnswersAsOnnxRuntimeDid(OnnxCase c) throws IOException {
    Graph graph = Onnx.read(c.model());
    SessionOptions options = SessionOptions.defaults();
    for (SessionOptions o :
        List.of(options, options.toBuilder().kernels(k -> k.backends("reference")).build())) {
      try (Session session = Session.open(graph, o);
          Arena arena = Arena.ofConfined()) {
        Answers.assertClose(c.outputs(), session.run(c.inputs(), arena), allowed(graph), 1);
      }
    }
  }

  /// Where int8 falls back to FP32, a sum next to a tie may be quantized to the next step.
  private static double allowed(Graph graph) {
    double allowed = 1e-5;
    if (Cpu.verdict().path() == Verdict.Path.FP32) {
      for (ValueInfo output : graph.outputs()) {
        Node maker = graph.producer(output.name());
        if (maker != null && maker.op() instanceof Quantization.DequantizeLinear) {
          Tensor scale = graph.constant(maker.input(1));
          allowed = scale == null ? allowed : Math.max(allowed, 1.001 * scale.getFloat(0));
        }
      }
    }
    return allowed;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void inputsAndOutputsKeepTheirNames(OnnxCase c) throws IOException {
    Graph graph = Onnx.read(c.model());
    assertEquals(
        c.inputs().keySet().stream().sorted().toList(),
        graph.inputs().stream().map(i -> i.name()).sorted().toList());
    assertEquals(
        c.outputs().keySet().stream().toList(),
        graph.outputs().stream().map(o -> o.name()).toList());
  }

  @Test
  void theModelsCoverEveryOperator() throws IOException {
    Set<Class<?>> seen = new HashSet<>();
    for (OnnxCase c : cases().toList()) {
      Onnx.read(c.model()).nodes().forEach(n -> seen.add(n.op().getClass()));
    }
    for (byte[] model : OperatorsOfDataTest.files().toList()) {
      Onnx.read(model).nodes().forEach(n -> seen.add(n.op().getClass()));
    }
    for (String archive : List.of("1.12", "1.18")) {
      for (OnnxNodeCase c : OnnxNodeCase.all(archive)) {
        seen.addAll(operators(c.model()));
      }
    }
    assertEquals(Op.members(), seen);
  }

  /// None where the model is refused.
  private static Set<Class<?>> operators(byte[] model) {
    try {
      return Onnx.read(model).nodes().stream()
          .map(n -> n.op().getClass())
          .collect(Collectors.toSet());
    } catch (OctetException _) {
      return Set.of();
    }
  }
}
