package io.octet.internal.compile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.graph.Graph;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Comparison;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Pooling;
import io.octet.graph.op.Quantization;
import io.octet.graph.op.Unary;
import io.octet.graph.op.Window;
import io.octet.internal.lower.CompileOptions;
import io.octet.internal.plan.NodePlan;
import io.octet.tensor.DataType;
import io.octet.tensor.Tensor;
import io.octet.testkit.Machine;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is fused, what is not, and that the answers stay those of the graph as written.
class LoweringTest {
  private static final CompileOptions EXACT = new CompileOptions(true, false);
  private static final CompileOptions LITERAL = new CompileOptions(true, true);
  private static final float STEP = 0.05f;

  private final QdqNet net = new QdqNet();
  private final Map<String, Tensor> image = Map.of("x", QdqNet.image(1, 2, 8, 9, 7));

  private String input() {
    return net.s8("in", net.input("x", 2, 8, 9, 7), 0.03f);
  }

  /// Compiles with all fusions, compares with the literal plan of the reference backend, and
  /// returns the former.
  private Compiled check(Graph graph, String backend, CompileOptions options, int steps) {
    if (!backend.equals("reference")) {
      Machine.requireInt8();
    }
    Compiled compiled = new Compiled(graph, backend, options, image);
    Map<String, Tensor> expected = Compiled.run(graph, "reference", LITERAL, image);
    Map<String, Tensor> actual = compiled.run(image);
    assertEquals(expected.keySet(), actual.keySet());
    expected.forEach(
        (name, tensor) ->
            assertArrayEquals(
                floats(tensor), floats(actual.get(name)), steps * STEP + 1e-3f, name));
    return compiled;
  }

  private static float[] floats(Tensor tensor) {
    if (tensor.type() == DataType.F32) {
      return tensor.toFloats();
    }
    float[] values = new float[(int) tensor.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = tensor.getInteger(i) * STEP;
    }
    return values;
  }

  private static void assertFused(Compiled compiled, String node, String... fused) {
    NodePlan row = compiled.row(node);
    assertNotNull(row, () -> "no row for " + node + " in " + compiled.rows());
    assertTrue(row.int8(), row::toString);
    assertEquals(List.of(fused), row.fused(), row::toString);
    for (String name : fused) {
      assertNull(compiled.row(name), () -> name + " has a row of its own");
    }
  }

  private static void assertNoReorders(Compiled compiled) {
    assertTrue(
        compiled.rows().stream().noneMatch(r -> r.op().equals("Reorder")),
        () -> compiled.rows().toString());
  }

  /// relu(conv2(relu(conv1(x))) + skip), skip being relu(conv1(x)).
  private Graph residual() {
    String a = net.node("relu1", new Unary.Relu(), net.conv("conv1", input(), 8, 16, 3));
    String skip = net.u8("a", a, 0.04f);
    String body = net.s8("b", net.conv("conv2", skip, 16, 16, 3), 0.05f);
    String sum = net.node("relu2", new Unary.Relu(), net.node("add", new Binary.Add(), body, skip));
    return net.graph(net.u8("out", sum, STEP));
  }

  @ParameterizedTest
  @ValueSource(strings = {"onednn", "jvm", "reference"})
  void aConvTakesItsReluAndItsQuantization(String backend) {
    String a = net.node("relu", new Unary.Relu(), net.conv("conv", input(), 8, 16, 3));
    Graph graph = net.graph(net.u8("out", a, STEP));
    try (Compiled compiled = check(graph, backend, CompileOptions.DEFAULT, 1)) {
      assertFused(compiled, "conv", "relu", "out.q");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"onednn", "jvm", "reference"})
  void clampsInARowAreOne(String backend) {
    String a = net.node("relu", new Unary.Relu(), net.conv("conv", input(), 8, 16, 1));
    String b = net.node("clip", new Unary.Clip(0.5f, 2), a);
    Graph graph = net.graph(net.s8("out", b, STEP));
    try (Compiled compiled = check(graph, backend, CompileOptions.DEFAULT, 1)) {
      assertFused(compiled, "conv", "relu", "clip", "out.q");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"onednn", "jvm", "reference"})
  void aResidualSumIsTakenInAndItsQuantizationElidedUnlessExact(String backend) {
    Graph graph = residual();
    // conv1 may differ by one step, which conv2 and the elision can carry into two.
    try (Compiled compiled = check(graph, backend, CompileOptions.DEFAULT, 2)) {
      assertFused(compiled, "conv2", "add", "relu2", "out.q");
      assertEquals(List.of("b.q", "b.dq"), compiled.row("conv2").elided());
      assertNoReorders(compiled);
    }
    try (Compiled compiled = check(graph, backend, EXACT, 1)) {
      assertFused(compiled, "conv2", "b.q");
      assertFused(compiled, "add", "relu2", "out.q");
      assertTrue(compiled.rows().stream().allMatch(r -> r.elided().isEmpty()));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"onednn", "reference"})
  void aFunctionOfTheSumsIsTakenInAndTheirQuantizationElidedUnlessExact(String backend) {
    String sums = net.s8("a", net.conv("conv", input(), 8, 16, 3), 0.05f);
    Graph graph = net.graph(net.s8("out", net.node("swish", new Unary.HardSwish(), sums), STEP));
    // HardSwish is at most 1.5 times as steep as what it is a function of: half a step more.
    try (Compiled compiled = check(graph, backend, CompileOptions.DEFAULT, 2)) {
      assertFused(compiled, "conv", "swish", "out.q");
      assertEquals(List.of("a.q", "a.dq"), compiled.row("conv").elided());
      assertNoReorders(compiled);
    }
    try (Compiled compiled = check(graph, backend, EXACT, 0)) {
      assertFused(compiled, "conv", "a.q");
      assertFused(compiled, "swish", "out.q");
      assertTrue(compiled.rows().stream().allMatch(r -> r.elided().isEmpty()));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"onednn", "reference"})
  void soIsAGateThatIsAFunctionOfThem(String backend) {
    String sums = net.s8("a", net.conv("conv", input(), 8, 16, 3), 0.05f);
    String gate = net.node("gate", new Unary.Sigmoid(), sums);
    Graph graph = net.graph(net.s8("out", net.node("silu", new Binary.Mul(), sums, gate), STEP));
    try (Compiled compiled = check(graph, backend, CompileOptions.DEFAULT, 2)) {
      assertFused(compiled, "conv", "gate", "silu", "out.q");
      assertEquals(List.of("a.q", "a.dq"), compiled.row("conv").elided());
    }
    try (Compiled compiled = check(graph, backend, EXACT, 0)) {
      assertFused(compiled, "conv", "a.q");
      assertFused(compiled, "gate", "silu", "out.q");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"onednn", "jvm", "reference"})
  void aFunctionInSeveralNodesIsOneTable(String backend) {
    String x = input();
    String three = net.constant("three", Tensor.scalar(3));
    String six = net.constant("six", Tensor.of(new float[] {6}, 1));
    String sum = net.node("add", new Binary.Add(), x, three);
    String clipped = net.node("clip", new Unary.Clip(0, 6), sum);
    String product = net.node("mul", new Binary.Mul(), x, clipped);
    Graph graph = net.graph(net.s8("out", net.node("div", new Binary.Div(), product, six), STEP));
    try (Compiled compiled = check(graph, backend, CompileOptions.DEFAULT, 0)) {
      assertFused(compiled, "add", "clip", "mul", "div", "out.q");
      assertTrue(compiled.row("add").kernel().startsWith("lookup"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"onednn", "jvm", "reference"})
  void truthsThatAreQuantizedAreNoFloatsBefore(String backend) {
    String zero = net.constant("zero", Tensor.scalar(0));
    String truth = net.node("more", new Comparison.Greater(), input(), zero);
    String cast = net.node("cast", new Unary.Cast(DataType.F32), truth);
    Graph graph = net.graph(net.s8("out", cast, STEP));
    try (Compiled compiled = check(graph, backend, CompileOptions.DEFAULT, 0)) {
      assertEquals("view", compiled.row("cast").kernel());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"onednn", "reference"})
  void truthsThatOthersReadBecomeFloats(String backend) {
    String zero = net.constant("zero", Tensor.scalar(0));
    String truth = net.node("more", new Comparison.Greater(), input(), zero);
    String cast = net.node("cast", new Unary.Cast(DataType.F32), truth);
    String relu = net.node("relu", new Unary.Relu(), cast);
    Graph graph = net.graph(net.s8("out", cast, STEP), relu);
    try (Compiled compiled = check(graph, backend, CompileOptions.DEFAULT, 0)) {
      assertNotEquals("view", compiled.row("cast").kernel());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"onednn", "reference"})
  void sumsThatOthersReadAreQuantizedBeforeTheirFunction(String backend) {
    String sums = net.s8("a", net.conv("conv", input(), 8, 16, 3), 0.05f);
    String tanh = net.s8("out", net.node("tanh", new Unary.Tanh(), sums), STEP);
    Graph graph = net.graph(tanh, net.s8("pool", net.node("abs", new Unary.Abs(), sums), STEP));
    try (Compiled compiled = check(graph, backend, CompileOptions.DEFAULT, 1)) {
      assertFused(compiled, "conv", "a.q");
      assertFused(compiled, "tanh", "out.q");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"onednn", "jvm", "reference"})
  void aResidualOfTheOtherSignIsTakenInToo(String backend) {
    String x = input();
    String skip = net.s8("skip", net.conv("down", x, 8, 16, 1), 0.06f);
    String body = net.s8("b", net.conv("conv", x, 8, 16, 3), 0.05f);
    String sum = net.node("relu", new Unary.Relu(), net.node("add", new Binary.Add(), skip, body));
    Graph graph = net.graph(net.u8("out", sum, STEP));
    try (Compiled compiled = check(graph, backend, CompileOptions.DEFAULT, 2)) {
      assertFused(compiled, "conv", "add", "relu", "out.q");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"onednn", "jvm", "reference"})
  void zeroPointsSurviveTheFusion(String backend) {
    String x = net.qdq("in", net.input("x", 2, 8, 9, 7), DataType.U8, 0.03f, 117);
    String skip = net.qdq("a", net.conv("conv1", x, 8, 16, 3), DataType.U8, 0.04f, 120);
    String body = net.qdq("b", net.conv("conv2", skip, 16, 16, 3), DataType.U8, 0.05f, 131);
    String sum = net.node("add", new Binary.Add(), body, skip);
    Graph graph = net.graph(net.qdq("out", sum, DataType.U8, STEP, 99));
    try (Compiled compiled = check(graph, backend, CompileOptions.DEFAULT, 2)) {
      assertFused(compiled, "conv2", "add", "out.q");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"onednn", "jvm", "reference"})
  void aDequantizationWithAnotherScaleIsNotElided(String backend) {
    String x = input();
    String skip = net.u8("skip", net.conv("conv1", x, 8, 16, 1), 0.04f);
    String q = net.quantize("b", net.conv("conv2", x, 8, 16, 1), DataType.S8, 0.04f, 0);
    String scale = net.scale("other", 0.08f);
    String zero = net.zero("other", DataType.S8, 0);
    String body = net.node("b.dq", new Quantization.DequantizeLinear(0), q, scale, zero);
    Graph graph = net.graph(net.s8("out", net.node("add", new Binary.Add(), body, skip), STEP));
    try (Compiled compiled = check(graph, backend, CompileOptions.DEFAULT, 3)) {
      assertEquals(List.of("b"), compiled.row("conv2").fused());
      assertTrue(compiled.row("conv2").elided().isEmpty());
    }
  }

  /// Exporters leave out a Relu where the QuantizeLinear behind it has zero point 0 of u8.
  @ParameterizedTest
  @ValueSource(strings = {"onednn", "jvm", "reference"})
  void aQuantizationThatIsAReluIsNotElided(String backend) {
    String x = input();
    String skip = net.s8("skip", net.conv("conv1", x, 8, 16, 1), 0.04f);
    String body = net.u8("b", net.conv("conv2", x, 8, 16, 3), 0.05f);
    Graph graph = net.graph(net.s8("out", net.node("add", new Binary.Add(), body, skip), STEP));
    try (Compiled compiled = check(graph, backend, CompileOptions.DEFAULT, 2)) {
      assertFused(compiled, "conv2", "b.q");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"onednn", "jvm", "reference"})
  void aResidualThatOthersWantLaterKeepsItsValue(String backend) {
    String a = net.node("relu1", new Unary.Relu(), net.conv("conv1", input(), 8, 16, 3));
    String skip = net.u8("a", a, 0.04f);
    String body = net.s8("b", net.conv("conv2", skip, 16, 16, 3), 0.05f);
    String sum = net.u8("sum", net.node("add", new Binary.Add(), body, skip), STEP);
    String late = net.s8("late", net.conv("conv3", skip, 16, 8, 1), STEP);
    Graph graph = net.graph(sum, late, "a.dq");
    check(graph, backend, CompileOptions.DEFAULT, 2).close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"onednn", "jvm", "reference"})
  void aValueAddedToItselfIsNoResidual(String backend) {
    String a = net.s8("a", net.conv("conv", input(), 8, 16, 3), 0.05f);
    Graph graph = net.graph(net.s8("out", net.node("add", new Binary.Add(), a, a), STEP));
    try (Compiled compiled = check(graph, backend, CompileOptions.DEFAULT, 2)) {
      assertFused(compiled, "conv", "a.q");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"onednn", "jvm", "reference"})
  void aConvWithTwoReadersIsNotSwallowed(String backend) {
    String c = net.conv("conv", input(), 8, 16, 3);
    String relu = net.u8("r", net.node("relu", new Unary.Relu(), c), STEP);
    String raw = net.s8("c", c, STEP);
    Graph graph = net.graph(relu, raw);
    try (Compiled compiled = check(graph, backend, CompileOptions.DEFAULT, 1)) {
      assertFused(compiled, "conv");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"onednn", "jvm", "reference"})
  void whatTheCallerWantsIsNotSwallowed(String backend) {
    String c = net.conv("conv", input(), 8, 16, 3);
    String relu = net.node("relu", new Unary.Relu(), c);
    String q = net.quantize("q", relu, DataType.U8, STEP, 0);
    String next = net.s8("n", net.conv("conv2", net.dequantize("dq", q), 16, 8, 1), STEP);
    Graph graph = net.graph(c, relu, q, next, "x", "in.q");
    try (Compiled compiled = check(graph, backend, CompileOptions.DEFAULT, 1)) {
      assertFused(compiled, "conv");
      Map<String, Tensor> outputs = compiled.run(image);
      assertArrayEquals(image.get("x").toFloats(), outputs.get("x").toFloats());
      assertEquals(DataType.U8, outputs.get("q").type());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"onednn", "jvm", "reference"})
  void aFlattenBehindAnImageMovesNoByte(String backend) {
    String a = net.node("relu", new Unary.Relu(), net.conv("conv", input(), 8, 5, 3));
    String pool =
        net.node(
            "pool", new Pooling.MaxPool(Window.of(2, 2).stride(2, 2), false), net.u8("a", a, STEP));
    String flat = net.node("flat", new Movement.Flatten(1), net.u8("p", pool, STEP));
    String scores = net.linear("fc", net.u8("f", flat, STEP), 5 * 4 * 3, 10);
    Graph graph = net.graph(net.s8("out", scores, STEP));
    try (Compiled compiled = check(graph, backend, CompileOptions.DEFAULT, 1)) {
      assertNoReorders(compiled);
      assertEquals("view", compiled.row("flat").kernel());
      assertFused(compiled, "fc", "out.q");
      assertTrue(compiled.row("pool").int8());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"onednn", "jvm", "reference"})
  void aFlattenThatTheCallerWantsIsInOrder(String backend) {
    String a = net.u8("a", net.conv("conv", input(), 8, 5, 3), STEP);
    String flat = net.node("flat", new Movement.Flatten(1), a);
    String scores = net.linear("fc", net.u8("f", flat, STEP), 5 * 9 * 7, 10);
    Graph graph = net.graph(net.s8("out", scores, STEP), flat, "f.q");
    check(graph, backend, CompileOptions.DEFAULT, 1).close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"onednn", "jvm", "reference"})
  void intermediateLayersNeverLeaveNhwc(String backend) {
    Graph graph = residual();
    try (Compiled compiled = check(graph, backend, CompileOptions.DEFAULT, 2)) {
      List<String> moved = compiled.labels().stream().filter(l -> !l.startsWith("conv")).toList();
      assertEquals(List.of("in.q", "out.dq"), moved, "one step at each edge");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"onednn", "jvm", "reference"})
  void poolsAndConcatsOfOneScaleStayInt8(String backend) {
    String x = input();
    String a = net.s8("a", net.conv("conv1", x, 8, 6, 3), STEP);
    String b = net.s8("b", net.conv("conv2", x, 8, 5, 1), STEP);
    String joined = net.s8("j", net.node("join", new Movement.Concat(1), a, b), STEP);
    String pool =
        net.node(
            "pool", new Pooling.AveragePool(QdqNet.padded(3).stride(2, 2), false, false), joined);
    String mean = net.node("mean", new Pooling.GlobalAveragePool(), net.s8("p", pool, STEP));
    Graph graph = net.graph(net.s8("out", mean, STEP));
    try (Compiled compiled = check(graph, backend, CompileOptions.DEFAULT, 2)) {
      for (String name : List.of("conv1", "conv2", "join", "pool", "mean")) {
        assertTrue(compiled.row(name).int8(), () -> compiled.row(name).toString());
      }
      assertNoReorders(compiled);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"onednn", "jvm", "reference"})
  void aLayerWithoutARangeRunsInFloatAndSaysSo(String backend) {
    String c = net.conv("conv", net.input("x", 2, 8, 9, 7), 8, 5, 3);
    Graph graph = net.graph(c);
    try (Compiled compiled = check(graph, backend, CompileOptions.DEFAULT, 0)) {
      NodePlan row = compiled.row("conv");
      assertFalse(row.int8());
      assertEquals("missing_range", row.code().code());
      assertTrue(row.detail().contains("\"x\""), row::detail);
    }
  }
}
