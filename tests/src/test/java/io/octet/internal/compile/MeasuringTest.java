package io.octet.internal.compile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.graph.Graph;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Convolution;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Op;
import io.octet.graph.op.Unary;
import io.octet.internal.kernel.jvm.JvmBackend;
import io.octet.internal.kernel.reference.ReferenceBackend;
import io.octet.internal.lower.CompileOptions;
import io.octet.internal.plan.NodePlan;
import io.octet.internal.select.Backends;
import io.octet.internal.select.Registry;
import io.octet.internal.tune.Stopwatch;
import io.octet.runtime.Measured;
import io.octet.tensor.Tensor;
import io.octet.testkit.Counting;
import io.octet.testkit.Machine;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Which layers run in FP32 where the stopwatch says so, and what is left of the trials.
class MeasuringTest {
  private static final CompileOptions LITERAL = new CompileOptions(true, true);
  private static final float STEP = 0.05f;

  private final QdqNet net = new QdqNet();
  private final Map<String, Tensor> image = Map.of("x", QdqNet.image(1, 2, 8, 9, 7));
  private int timed;

  private String input() {
    return net.s8("in", net.input("x", 2, 8, 9, 7), 0.03f);
  }

  private Graph oneLayer() {
    String relu = net.node("relu", new Unary.Relu(), net.conv("conv", input(), 8, 16, 3));
    return net.graph(net.u8("out", relu, STEP));
  }

  /// relu(conv2(relu(conv1(x))) + skip), a linear layer behind it.
  private Graph fourNodes() {
    String a = net.node("relu1", new Unary.Relu(), net.conv("conv1", input(), 8, 16, 3));
    String skip = net.u8("a", a, 0.04f);
    String body = net.s8("b", net.conv("conv2", skip, 16, 16, 3), 0.05f);
    String sum = net.node("relu2", new Unary.Relu(), net.node("add", new Binary.Add(), body, skip));
    String flat = net.node("flat", new Movement.Flatten(1), net.u8("sum", sum, STEP));
    return net.graph(net.s8("out", net.linear("linear", flat, 16 * 63, 10), 0.2f));
  }

  private Compiled compiled(Graph graph, String backend, Stopwatch stopwatch) {
    Stopwatch counting =
        (int8, fp32) -> {
          timed++;
          return stopwatch.time(int8, fp32);
        };
    Registry registry = Backends.preferring(List.of(backend));
    return new Compiled(graph, registry, CompileOptions.DEFAULT, counting, image);
  }

  private static void assertInFp32(Compiled compiled, String layer, String text) {
    NodePlan row = compiled.row(layer);
    assertFalse(row.int8(), row::toString);
    assertFalse(row.fallback(), row::toString);
    assertEquals("slower_than_fp32", row.code().code());
    assertEquals(text, row.detail());
  }

  private void assertNear(Graph graph, Compiled compiled, float bound) {
    Map<String, Tensor> expected = Compiled.run(graph, "reference", LITERAL, image);
    Map<String, Tensor> actual = compiled.run(image);
    expected.forEach(
        (name, y) -> assertArrayEquals(y.toFloats(), actual.get(name).toFloats(), bound, name));
  }

  @ParameterizedTest
  @ValueSource(strings = {"onednn", "jvm", "reference"})
  void aLayerThatIsFasterInFp32RunsSoAndSaysIt(String backend) {
    if (!backend.equals("reference")) {
      Machine.requireInt8();
    }
    Graph graph = oneLayer();
    try (Compiled compiled = compiled(graph, backend, Measured.FP32_WINS)) {
      assertInFp32(compiled, "conv", "FP32 takes 41.0 us with its conversions, int8 58.2 us");
      assertEquals(List.of("relu"), compiled.row("conv").fused());
      assertTrue(compiled.row("out.q").int8());
      assertNear(graph, compiled, STEP + 1e-3f);
      assertEquals(3, timed); // the layer twice, the network once
    }
  }

  @ParameterizedTest
  @CsvSource({"100, 98, 0", "100, 97.1, 0", "100, 97, 1", "1, 0.5, 1"})
  void fp32MustBeFasterByThreePercent(double int8, double fp32, int layersInFp32) {
    try (Compiled compiled = compiled(oneLayer(), "reference", Measured.told(int8, fp32))) {
      assertEquals(layersInFp32, inFp32(compiled));
    }
  }

  private static long inFp32(Compiled compiled) {
    return compiled.rows().stream().filter(r -> r.code() != null && r.op().equals("Conv")).count();
  }

  @ParameterizedTest
  @ValueSource(strings = {"onednn", "reference"})
  void everyFormOfALayerHasItsCounterpart(String backend) {
    if (backend.equals("onednn")) {
      Machine.requireInt8();
    }
    Graph graph = fourNodes();
    try (Compiled compiled = compiled(graph, backend, Measured.FP32_WINS)) {
      for (String layer : List.of("conv1", "conv2", "linear")) {
        assertInFp32(compiled, layer, compiled.row("conv1").detail());
      }
      assertTrue(compiled.row("add").int8(), () -> compiled.rows().toString());
      assertTrue(compiled.rows().stream().allMatch(r -> r.elided().isEmpty()));
      assertNear(graph, compiled, 2 * 0.2f + 1e-3f);
      assertEquals(7, timed);
    }
  }

  @Test
  void whereInt8IsFasterThePlanIsTheUsualOne() {
    Graph graph = fourNodes();
    try (Compiled usual = new Compiled(graph, "onednn", CompileOptions.DEFAULT, image);
        Compiled measured = compiled(graph, "onednn", Measured.INT8_WINS)) {
      assertEquals(usual.rows(), measured.rows());
      assertEquals(usual.packedForms(), measured.packedForms());
      Map<String, Tensor> expected = usual.run(image);
      measured
          .run(image)
          .forEach((name, y) -> assertArrayEquals(expected.get(name).toFloats(), y.toFloats()));
    }
  }

  /// Three layers, all of them first, then again those that won.
  @ParameterizedTest
  @CsvSource({"1 1 1 0 0 0, 0", "1 1 1 1 0 1 1, 2", "0 1 0 1 1, 1", "1 1 1 1 1 1 0, 0"})
  void aLayerMustWinTwiceAndTheNetworkWithIt(String wins, int layersInFp32) {
    List<Stopwatch> told = new ArrayList<>();
    for (String win : wins.split(" ")) {
      told.add(win.equals("1") ? Measured.FP32_WINS : Measured.INT8_WINS);
    }
    Stopwatch inTurn = (int8, fp32) -> told.removeFirst().time(int8, fp32);
    try (Compiled compiled = compiled(fourNodes(), "reference", inTurn)) {
      long found =
          compiled.rows().stream()
              .filter(r -> r.code() != null && r.code().code().equals("slower_than_fp32"))
              .count();
      assertEquals(layersInFp32, found);
      assertEquals(List.of(), told);
    }
  }

  @Test
  void whatNoInt8KernelTakesIsNotTimed() {
    String w = net.constant("w", Tensor.of(new float[8 * 8], 8, 8, 1, 1));
    Op conv = new Convolution.Conv(QdqNet.padded(1), 1);
    Graph halfQuantized = net.graph(net.node("float", conv, input(), w));
    try (Compiled compiled = compiled(halfQuantized, "onednn", Measured.FP32_WINS)) {
      assertTrue(compiled.row("float").fallback());
      assertEquals("missing_range", compiled.row("float").code().code());
      assertEquals(0, timed);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void nothingIsLeftOfTheTrials(boolean fp32Wins) {
    Counting reference = new Counting(new ReferenceBackend());
    Counting jvm = new Counting(new JvmBackend());
    Registry registry = Registry.of(List.of(reference, jvm));
    Stopwatch told = fp32Wins ? Measured.FP32_WINS : Measured.INT8_WINS;
    try (Compiled compiled =
        new Compiled(fourNodes(), registry, CompileOptions.DEFAULT, told, image)) {
      int steps = compiled.labels().size();
      assertEquals(steps, reference.kernels() + jvm.kernels());
      assertEquals(steps, reference.invocations() + jvm.invocations());
      assertTrue(reference.made() > 2 * steps, () -> reference.made() + " made");
    }
    assertEquals(
        0, reference.kernels() + jvm.kernels() + reference.invocations() + jvm.invocations());
  }

  @Test
  void aStopwatchThatFailsLeavesNothingEither() {
    Counting reference = new Counting(new ReferenceBackend());
    Stopwatch broken =
        (int8, fp32) -> {
          throw new IllegalStateException("the clock stands still");
        };
    Graph graph = oneLayer();
    Registry registry = Registry.of(List.of(reference));
    assertThrows(
        IllegalStateException.class,
        () -> new Compiled(graph, registry, CompileOptions.DEFAULT, broken, image).close());
    assertEquals(0, reference.kernels() + reference.invocations());
  }
}
