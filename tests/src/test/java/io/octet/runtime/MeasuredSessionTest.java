package io.octet.runtime;

import static io.octet.nn.Layers.flatten;
import static io.octet.nn.Layers.linear;
import static io.octet.nn.Layers.sequential;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.graph.Graph;
import io.octet.internal.tune.Stopwatch;
import io.octet.tensor.Tensor;
import io.octet.testkit.Machine;
import io.octet.testkit.SmallNets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Sessions that choose between int8 and FP32 by a stopwatch.
class MeasuredSessionTest {
  private static final Graph NET = SmallNets.int8(1);
  private static final Tensor IMAGE = SmallNets.image(1, 1);
  private static final List<String> LAYERS = List.of("Conv", "Gemm");

  @BeforeEach
  void needInt8() {
    Machine.requireInt8();
  }

  private static float[] answer(Graph graph, Stopwatch stopwatch) {
    try (Session session = Measured.open(graph, FallbackPolicy.FAIL, stopwatch)) {
      return Expected.run(session, IMAGE);
    }
  }

  @Test
  void whatIsSlowerInInt8IsReportedAndNoFallback() {
    try (Session session = Measured.open(NET, FallbackPolicy.FAIL, Measured.FP32_WINS)) {
      List<NodeReport> layers =
          session.explain().stream().filter(n -> LAYERS.contains(n.op())).toList();
      assertEquals(4, layers.size());
      for (NodeReport layer : layers) {
        assertEquals("fp32", layer.dtype(), layer::toString);
        assertEquals("slower_than_fp32", layer.fallback().code());
        assertEquals(
            "FP32 takes 41.0 us with its conversions, int8 58.2 us", layer.fallback().text());
        assertFalse(layer.fellBack(), layer::toString);
      }
    }
  }

  @Test
  void whereInt8IsFasterTheAnswersAreTheUsualOnes() {
    try (Session usual = Session.open(NET)) {
      assertArrayEquals(Expected.run(usual, IMAGE), answer(NET, Measured.INT8_WINS));
    }
  }

  @Test
  void inFp32TheAnswersAreThoseOfTheQuantizedNetwork() {
    float[] usual = answer(NET, Measured.INT8_WINS);
    float[] inFp32 = answer(NET, Measured.FP32_WINS);
    assertArrayEquals(inFp32, answer(NET, Measured.FP32_WINS));
    float largest = 0;
    for (float y : usual) {
      largest = Math.max(largest, Math.abs(y));
    }
    assertArrayEquals(usual, inFp32, 0.05f * largest);
  }

  /// The clock may say what it likes: there are two answers, and it is one of them.
  @Test
  void byTheRealClockTheAnswerIsOneOfTheTwo() {
    Graph net = SmallNets.int8(sequential(flatten(), linear(432, 10)).input(3, 12, 12), 2);
    float[] real = answer(net, Stopwatch.REAL);
    float[] int8 = answer(net, Measured.INT8_WINS);
    float[] fp32 = answer(net, Measured.FP32_WINS);
    assertTrue(Arrays.equals(real, int8) || Arrays.equals(real, fp32));
  }

  @Test
  void nobodyMeasuresUnlessAsked() {
    SessionOptions options = SessionOptions.defaults();
    assertFalse(options.kernels().measured());
    assertTrue(
        options.toBuilder()
            .kernels(k -> k.measured(true))
            .memory(m -> m.maxPlans(3))
            .threads(t -> t.intraOp(1))
            .build()
            .kernels()
            .measured());
    Stopwatch forbidden =
        (int8, fp32) -> {
          throw new AssertionError("timed");
        };
    Session.open(NET, options, forbidden).close();
    Measured.open(SmallNets.fp32(1), FallbackPolicy.WARN, forbidden).close();
  }
}
