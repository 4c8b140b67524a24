package io.octet.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.ShapeInference;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Product;
import io.octet.graph.op.Quantization.DynamicQuantizeLinear;
import io.octet.graph.op.Unary;
import io.octet.graph.op.ValueInfo;
import io.octet.internal.ffi.DnnlIsa;
import io.octet.onnx.Onnx;
import io.octet.runtime.NodeReport;
import io.octet.runtime.Session;
import io.octet.runtime.SessionOptions;
import io.octet.tensor.DataType;
import io.octet.tensor.Dim;
import io.octet.tensor.QuantMath;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.CappedJvm;
import io.octet.testkit.OrtRunner;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Linear layers whose data are quantized when they arrive: what becomes of the graph, and what the
/// kernels make of it.
class DynamicQuantizationTest {
  private static final int IN = 33;
  private static final int MID = 50;
  private static final int OUT = 17;

  private static final Random RANDOM = new Random(17);
  private static final float[] UP = numbers(MID * IN, 0.3f);
  private static final float[] BIAS = numbers(MID, 0.3f);
  private static final float[] DOWN = numbers(MID * OUT, 0.3f);
  private static final float[] SIDE = numbers(IN * OUT, 0.3f);

  private static float[] numbers(int n, float size) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = size * (float) RANDOM.nextGaussian();
    }
    return values;
  }

  /// `relu(x U + b) D + x S` over [batch, length, IN]: two layers read x, one has a bias and a
  /// clamp behind it, one a residual.
  static Graph net() {
    Shape x = new Shape(List.of(new Dim.Symbol("N"), new Dim.Symbol("L"), new Dim.Fixed(IN)));
    Graph open =
        new Graph(
            "tokens",
            List.of(new ValueInfo("x", DataType.F32, x)),
            List.of(new ValueInfo("y", DataType.F32, Shape.of())),
            Map.of(
                "U", Tensor.of(UP, IN, MID),
                "b", Tensor.of(BIAS, MID),
                "D", Tensor.of(DOWN, MID, OUT),
                "S", Tensor.of(SIDE, IN, OUT)),
            List.of(
                new Node("up", new Product.MatMul(), List.of("x", "U"), "u"),
                new Node("bias", new Binary.Add(), List.of("u", "b"), "ub"),
                new Node("relu", new Unary.Relu(), List.of("ub"), "r"),
                new Node("side", new Product.MatMul(), List.of("x", "S"), "s"),
                new Node("down", new Product.MatMul(), List.of("r", "D"), "d"),
                new Node("sum", new Binary.Add(), List.of("d", "s"), "y")));
    return open.withOutputs(List.of(ShapeInference.infer(open).get("y")));
  }

  /// Rows of very different sizes.
  private static Tensor tokens(int batch, int length) {
    return tokens(RANDOM, batch, length);
  }

  static Tensor tokens(Random random, int batch, int length) {
    float[] values = new float[batch * length * IN];
    for (int i = 0; i < values.length; i++) {
      int row = i / IN;
      values[i] = (float) ((random.nextGaussian() + 0.3) * Math.pow(3, row % 4));
    }
    return Tensor.of(values, batch, length, IN);
  }

  static float[] run(Session session, Tensor x) {
    try (Arena arena = Arena.ofConfined()) {
      return session.run(Map.of("x", x), arena).get("y").toFloats();
    }
  }

  private static float[] run(Graph graph, Tensor x) {
    try (Session session = Session.open(graph)) {
      return run(session, x);
    }
  }

  @Test
  void theGraphHasProductsOfIntegersUnderTheLayersNames() {
    Graph dynamic = Quantizer.dynamic(net(), QConfig.auto());
    List<String> products =
        dynamic.nodes().stream()
            .filter(n -> n.op() instanceof Product.MatMulInteger)
            .map(Node::name)
            .toList();
    assertEquals(List.of("up", "side", "down"), products);
    List<Node> quantizers =
        dynamic.nodes().stream().filter(n -> n.op() instanceof DynamicQuantizeLinear).toList();
    assertEquals(2, quantizers.size(), "x is quantized once");
    assertEquals(new DynamicQuantizeLinear(true), quantizers.getFirst().op());
    assertTrue(dynamic.parameterBytes() < net().parameterBytes() / 2.5);
    Graph kept =
        Quantizer.dynamic(
            net(), QConfig.fbgemm().toBuilder().node("side", NodeConfig.fp32()).build());
    assertEquals(
        2, kept.nodes().stream().filter(n -> n.op() instanceof Product.MatMulInteger).count());
    assertTrue(kept.nodes().stream().anyMatch(n -> n.op().equals(new DynamicQuantizeLinear())));
    IllegalArgumentException twice =
        assertThrows(
            IllegalArgumentException.class, () -> Quantizer.dynamic(dynamic, QConfig.auto()));
    assertTrue(twice.getMessage().contains("quantized already"), twice.getMessage());
  }

  @Test
  void everyLayerRunsInInt8WithWhatStandsBehindIt() {
    try (Session session = Session.open(Quantizer.dynamic(net(), QConfig.auto()))) {
      Map<String, Shape> shapes = Map.of("x", Shape.of(2, 5, IN));
      List<NodeReport> nodes = session.explain(shapes);
      for (String name : List.of("up", "side", "down")) {
        NodeReport layer =
            nodes.stream().filter(n -> n.name().equals(name)).findFirst().orElseThrow();
        assertEquals("int8", layer.dtype(), layer::toString);
      }
      assertEquals(
          List.of("bias", "relu"),
          nodes.stream().filter(n -> n.name().equals("up")).findFirst().orElseThrow().fused());
      assertTrue(nodes.stream().noneMatch(n -> n.kernel().contains("literal")), nodes::toString);
      assertTrue(nodes.stream().noneMatch(n -> n.op().equals("DequantizeLinear")), nodes::toString);
    }
  }

  @Test
  void aGeluIsPartOfTheLayerBeforeIt() {
    Unary gelu = new Unary.Gelu(Unary.Gelu.Approximation.NONE);
    Graph curved =
        net()
            .with(
                net().initializers(),
                net().nodes().stream()
                    .map(
                        n ->
                            n.op() instanceof Unary.Relu
                                ? new Node("gelu", gelu, n.inputs(), n.outputs())
                                : n)
                    .toList());
    Graph dynamic = Quantizer.dynamic(curved, QConfig.auto());
    try (Session session = Session.open(dynamic)) {
      List<NodeReport> nodes = session.explain(Map.of("x", Shape.of(2, 5, IN)));
      NodeReport up = nodes.stream().filter(n -> n.name().equals("up")).findFirst().orElseThrow();
      assertEquals(List.of("bias", "gelu"), up.fused());
      assertEquals("int8", up.dtype());
    }
    Tensor x = tokens(2, 5);
    assertTrue(worst(run(curved, x), run(dynamic, x)) < 0.2); // rows differ in size on purpose
  }

  /// The whole network in loops, each layer's data by the range of all or of each row.
  private static float[] expected(Tensor x, boolean rows) {
    int m = (int) x.elements() / IN;
    float[] u = layer(x.toFloats(), m, UP, MID, BIAS, rows);
    for (int i = 0; i < u.length; i++) {
      u[i] = Math.max(0, u[i]);
    }
    float[] y = layer(u, m, DOWN, OUT, new float[OUT], rows);
    float[] side = layer(x.toFloats(), m, SIDE, OUT, new float[OUT], rows);
    for (int i = 0; i < y.length; i++) {
      y[i] += side[i];
    }
    return y;
  }

  private static float[] layer(float[] x, int m, float[] w, int n, float[] bias, boolean rows) {
    int k = x.length / m;
    float[] scales = new float[n];
    for (int j = 0; j < n; j++) {
      float most = 0;
      for (int i = 0; i < k; i++) {
        most = Math.max(most, Math.abs(w[i * n + j]));
      }
      scales[j] = most / 127;
    }
    float[] y = new float[m * n];
    for (int row = 0; row < m; row++) {
      QuantParams p = rows ? params(x, row * k, k) : params(x, 0, x.length);
      for (int j = 0; j < n; j++) {
        int sum = 0;
        for (int i = 0; i < k; i++) {
          int q = QuantMath.quantize(x[row * k + i], p.scale(), p.zeroPoint(), DataType.U8);
          sum += (q - p.zeroPoint()) * QuantMath.quantize(w[i * n + j], scales[j], 0, DataType.S8);
        }
        y[row * n + j] = (float) sum * (p.scale() * scales[j]) + bias[j];
      }
    }
    return y;
  }

  private static QuantParams params(float[] x, int from, int count) {
    float min = 0;
    float max = 0;
    for (int i = from; i < from + count; i++) {
      min = Math.min(min, x[i]);
      max = Math.max(max, x[i]);
    }
    return QuantMath.dynamicParams(min, max);
  }

  @Test
  void eachRowHasItsOwnRangeAndTheSumsAreExact() {
    Graph dynamic = Quantizer.dynamic(net(), QConfig.auto());
    try (Session session = Session.open(dynamic)) {
      for (int[] sizes : new int[][] {{1, 1}, {1, 7}, {3, 5}, {2, 33}}) {
        Tensor x = tokens(sizes[0], sizes[1]);
        assertArrayEquals(expected(x, true), run(session, x), 0);
      }
    }
  }

  @Test
  void exactlyTheGraphIsTheRangeOfAll() {
    Graph dynamic = Quantizer.dynamic(net(), QConfig.auto());
    SessionOptions exact = SessionOptions.builder().kernels(k -> k.exact(true)).build();
    try (Session session = Session.open(dynamic, exact)) {
      Tensor x = tokens(2, 6);
      assertArrayEquals(expected(x, false), run(session, x), 0);
    }
  }

  @Test
  void aFileKeepsTheWishForRowsAndMeansTheRangeOfAllToOnnxRuntime() throws Exception {
    Tensor x = tokens(2, 6);
    byte[] file = Onnx.toBytes(Quantizer.dynamic(net(), QConfig.auto()));
    assertArrayEquals(expected(x, true), run(Onnx.read(file), x), 0);
    try (OrtRunner peer = new OrtRunner(file)) {
      assertArrayEquals(expected(x, false), peer.run(Map.of("x", x)).get("y").toFloats(), 1e-3f);
    }
    byte[] again = Onnx.toBytes(Onnx.read(file));
    assertArrayEquals(file, again);
  }

  @Test
  void rowsKeepMoreWhereTheirSizesDiffer() {
    Tensor x = tokens(4, 16);
    float[] real = run(net(), x);
    double rows = worst(real, run(Quantizer.dynamic(net(), QConfig.auto()), x));
    SessionOptions exact = SessionOptions.builder().kernels(k -> k.exact(true)).build();
    try (Session session = Session.open(Quantizer.dynamic(net(), QConfig.auto()), exact)) {
      double all = worst(real, run(session, x));
      assertTrue(rows < all / 2, () -> rows + " against " + all);
    }
  }

  /// The largest of the rows' distances, each relative to the row's own size.
  private static double worst(float[] a, float[] b) {
    double worst = 0;
    for (int row = 0; row < a.length / OUT; row++) {
      double distance = 0;
      double size = 0;
      for (int j = 0; j < OUT; j++) {
        int i = row * OUT + j;
        distance += Math.abs((double) a[i] - b[i]);
        size += Math.abs(a[i]);
      }
      worst = Math.max(worst, distance / size);
    }
    return worst;
  }

  @Test
  void whatOthersReadIsTheRangeOfAll() {
    Graph dynamic = Quantizer.dynamic(net(), QConfig.auto());
    Node quantizer =
        dynamic.nodes().stream()
            .filter(n -> n.op() instanceof DynamicQuantizeLinear)
            .findFirst()
            .orElseThrow();
    String scale = quantizer.outputs().get(1);
    Graph told =
        dynamic.withOutputs(
            List.of(dynamic.outputs().getFirst(), new ValueInfo(scale, DataType.F32, Shape.of())));
    Tensor x = tokens(2, 3);
    try (Session session = Session.open(told);
        Arena arena = Arena.ofConfined()) {
      Map<String, Tensor> y = session.run(Map.of("x", x), arena);
      float[] all = x.toFloats();
      assertEquals(params(all, 0, all.length).scale(), y.get(scale).getFloat(0));
      try (Session hidden = Session.open(dynamic)) {
        assertEquals(y.get("y").toFloats().length, run(hidden, x).length);
      }
    }
  }

  static List<DnnlIsa> caps() {
    return CappedJvm.caps();
  }

  /// Sums are exact whatever a processor has, and what stands around them is Java's.
  @ParameterizedTest(name = "{0}")
  @MethodSource("caps")
  void everyInstructionSetGivesTheSameBits(DnnlIsa cap) {
    List<String> lines = CappedJvm.run(cap, DynamicUnderIsa.class);
    assertEquals(String.valueOf(DynamicUnderIsa.digest()), lines.getFirst());
  }
}
