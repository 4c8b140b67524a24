package io.octet.onnx;

import static io.octet.testkit.OnnxModel.attribute;
import static io.octet.testkit.OnnxModel.tensor;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.octet.OctetException.Unsupported;
import io.octet.graph.Graph;
import io.octet.internal.pass.Prepare;
import io.octet.quant.Calibration;
import io.octet.quant.QConfig;
import io.octet.quant.Quantizer;
import io.octet.runtime.Session;
import io.octet.runtime.SessionOptions;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.OnnxModel;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Networks of 100,000 nodes, deep and wide: what is done for a node must not grow with their
/// number, and nothing may recurse along them. The time limit is there against hangs alone.
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class LargeGraphTest {
  private static final int NODES = 100_000;

  /// Adds the node that makes `y` of `x`.
  private interface Link {
    void add(OnnxModel model, String x, String y);
  }

  record Chain(String name, int nodesPerLink, Link link) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Chain> chains() {
    return Stream.of(
        new Chain("Relu", 1, (m, x, y) -> m.node("Relu", x, y)),
        new Chain("Clip", 1, (m, x, y) -> m.node("Clip", x + " _ big", y)),
        new Chain("Identity", 1, (m, x, y) -> m.node("Identity", x, y)),
        new Chain("Add", 1, (m, x, y) -> m.node("Add", x + " zero", y)),
        new Chain("Mul", 1, (m, x, y) -> m.node("Mul", "one " + x, y)),
        new Chain("Reshape", 1, (m, x, y) -> m.node("Reshape", x + " copied", y)),
        new Chain("Transpose", 1, (m, x, y) -> m.node("Transpose", x, y, perm())),
        new Chain("Concat", 1, (m, x, y) -> m.node("Concat", x, y, attribute("axis", 0))),
        new Chain("Conv", 1, (m, x, y) -> m.node("Conv", x + " eye", y)),
        new Chain("MaxPool", 1, (m, x, y) -> m.node("MaxPool", x, y, kernel())),
        new Chain("BatchNormalization", 1, LargeGraphTest::norm),
        new Chain("Conv, then sums", 1, LargeGraphTest::sum),
        new Chain("QDQ", 2, LargeGraphTest::qdq),
        new Chain("QDQ Conv", 3, LargeGraphTest::qdqConv),
        new Chain("Add and Relu", 2, LargeGraphTest::residual));
  }

  private static AttributeProto perm() {
    return attribute("perm", new long[] {0, 1, 3, 2});
  }

  private static AttributeProto kernel() {
    return attribute("kernel_shape", new long[] {1, 1});
  }

  private static void norm(OnnxModel m, String x, String y) {
    m.node("BatchNormalization", x + " ones zeros zeros ones", y, attribute("epsilon", 0f));
  }

  private static void sum(OnnxModel m, String x, String y) {
    if (x.equals("x")) {
      m.node("Conv", x + " eye", y);
    } else {
      m.node("Add", x + " zero", y);
    }
  }

  private static void qdq(OnnxModel m, String x, String y) {
    m.node("QuantizeLinear", x + " one nil", y + "_q");
    m.node("DequantizeLinear", y + "_q one nil", y);
  }

  private static void qdqConv(OnnxModel m, String x, String y) {
    m.node("QuantizeLinear", x + " one nil", y + "_q");
    m.node("DequantizeLinear", y + "_q one nil", y + "_d");
    m.node("Conv", y + "_d eye_d", y);
  }

  private static void residual(OnnxModel m, String x, String y) {
    m.node("Relu", x, y + "_r");
    m.node("Add", x + " zero", y + "_a");
    m.node("Mul", y + "_a one", y);
  }

  private static OnnxModel model() {
    TensorProto.Builder eye = tensor("eye_q", TensorProto.DataType.INT8, 2, 2, 1, 1);
    eye.addInt32Data(1).addInt32Data(0).addInt32Data(0).addInt32Data(1);
    return new OnnxModel(13)
        .constant("zero", new long[] {1, 1, 1, 1}, 0)
        .constant("one", new long[0], 1)
        .constant("big", new long[0], 100)
        .constant("zeros", new long[] {2}, 0, 0)
        .constant("ones", new long[] {2}, 1, 1)
        .constant("eye", new long[] {2, 2, 1, 1}, 1, 0, 0, 1)
        .constant(eye)
        .constant(tensor("nil", TensorProto.DataType.INT8).addInt32Data(0))
        .longs("copied", 0, 0, 0, 0)
        .node("DequantizeLinear", "eye_q one nil", "eye_d");
  }

  private static final float[] IMAGE = {1, 2, 3, 4, 5, 6, 7, 8};

  /// The three that exercise the planner, the lazy DequantizeLinear, and the layers.
  static Stream<Chain> someChains() {
    return chains().filter(c -> Set.of("Relu", "QDQ", "QDQ Conv").contains(c.name()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("someChains")
  void aLongChainRuns(Chain chain) {
    runs(chain);
  }

  @Tag("long")
  @ParameterizedTest(name = "{0}")
  @MethodSource("chains")
  void aLongChainOfEveryKindRuns(Chain chain) {
    runs(chain);
  }

  private static void runs(Chain chain) {
    OnnxModel model = model().input("x", 1, 2, 2, 2);
    String last = "x";
    int links = NODES / chain.nodesPerLink() & ~1; // an even number of transpositions
    for (int i = 0; i < links; i++) {
      String next = i == links - 1 ? "y" : "v" + i;
      chain.link().add(model, last, next);
      last = next;
    }
    Map<String, Tensor> results = run(model.openOutput("y"));
    assertArrayEquals(IMAGE, results.get("y").toFloats());
  }

  @Test
  void aValueThatManyReadRuns() {
    OnnxModel model = model().input("x", 1, 2, 2, 2);
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < NODES; i++) {
      model.node("Identity", "x", "v" + i);
      all.append(" v").append(i);
    }
    model.node("Concat", all.substring(1), "y", attribute("axis", 0));
    Graph graph = Onnx.read(model.openOutput("y").bytes());
    try (Session session = Session.open(graph)) {
      assertEquals(Shape.of(NODES, 2, 2, 2), session.outputs().getFirst().shape());
    }
  }

  @Test
  void manyNodesSideBySideRun() {
    OnnxModel model = model().input("x", 1, 2, 2, 2);
    for (int i = 0; i < NODES; i++) {
      model.node("Relu", "x", "y" + i).openOutput("y" + i);
    }
    Map<String, Tensor> results = run(model);
    assertEquals(NODES, results.size());
    results.values().forEach(y -> assertArrayEquals(IMAGE, y.toFloats()));
  }

  @Test
  void manyOutputsThatAreCopiesRun() {
    OnnxModel model = model().input("x", 1, 2, 2, 2).node("Relu", "x", "v");
    for (int i = 0; i < NODES; i++) {
      model.node("Identity", "v", "y" + i).openOutput("y" + i);
    }
    Map<String, Tensor> results = run(model);
    assertEquals(NODES, results.size());
    results.values().forEach(y -> assertArrayEquals(IMAGE, y.toFloats()));
  }

  @Test
  void weightsThatManyLayersShareAreLookedAtOnce() {
    OnnxModel model = new OnnxModel(13).input("x", 1, 256);
    model.constant("w", new long[] {256, 256}, new float[1 << 16]);
    model.constant("b", new long[] {256}, new float[256]);
    for (int i = 0; i < NODES; i++) {
      model.node("MatMul", i == 0 ? "x w" : "s" + (i - 1) + " w", "m" + i);
      model.node("Add", "m" + i + " b", "s" + i);
    }
    Graph graph = Prepare.prepare(Onnx.read(model.openOutput("s" + (NODES - 1)).bytes())).graph();
    assertEquals(NODES, graph.nodes().size(), "each sum is its layer's bias");
    Set<Tensor> weights = Collections.newSetFromMap(new IdentityHashMap<>());
    graph.nodes().forEach(n -> weights.add(graph.constant(n.input(1))));
    assertEquals(1, weights.size(), "one transposed form serves all layers");
  }

  @Test
  void layersThatEachFoldANormIntoSharedWeightsAreBounded() {
    OnnxModel model = new OnnxModel(13).input("x", 1, 512, 1, 1);
    model.constant("w", new long[] {512, 512, 1, 1}, new float[1 << 18]);
    model.constant("ones", new long[] {512}, filled(512, 1));
    for (int i = 0; i < 1000; i++) {
      model.node("Conv", i == 0 ? "x w" : "n" + (i - 1) + " w", "c" + i);
      model.node("BatchNormalization", "c" + i + " ones ones ones ones", "n" + i);
    }
    Graph graph = Onnx.read(model.openOutput("n999").bytes());
    Unsupported e = assertThrows(Unsupported.class, () -> Prepare.prepare(graph));
    assertTrue(
        e.getMessage().contains("a constant f32[512,512,1,1] takes 1048576 bytes"), e::getMessage);
  }

  private static float[] filled(int size, float value) {
    float[] all = new float[size];
    Arrays.fill(all, value);
    return all;
  }

  @Test
  void aLongChainIsQuantized() {
    OnnxModel model = new OnnxModel(13).input("x", 1, 2, 2, 2);
    model.constant("eye", new long[] {2, 2, 1, 1}, 1, 0, 0, 1);
    String last = "x";
    for (int i = 0; i < NODES; i++) {
      model.node("MaxPool", last, "v" + i, kernel());
      last = "v" + i;
    }
    Graph graph = Onnx.read(model.node("Conv", last + " eye", "y").openOutput("y").bytes());
    Calibration calibration = Quantizer.calibration(graph, QConfig.auto());
    assertEquals(List.of("x", "y"), calibration.observed());
    assertEquals(List.of(), Quantizer.floatNodes(graph, QConfig.auto()), "pools carry parameters");
  }

  private static Map<String, Tensor> run(OnnxModel model) {
    Graph graph = Onnx.read(model.bytes());
    SessionOptions options = SessionOptions.builder().threads(t -> t.maxConcurrentRuns(1)).build();
    try (Session session = Session.open(graph, options)) {
      return session.run(Map.of("x", Tensor.of(IMAGE, 1, 2, 2, 2)), Arena.ofAuto());
    }
  }
}
