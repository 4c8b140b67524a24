package io.octet.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.OctetException.Unsupported;
import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Product;
import io.octet.graph.op.Quantization;
import io.octet.graph.op.ValueInfo;
import io.octet.kernel.KernelOptions;
import io.octet.kernel.QLinear;
import io.octet.nn.Layers;
import io.octet.tensor.DataType;
import io.octet.tensor.Dim;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.Machine;
import io.octet.testkit.SmallNets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Weights, plans and workspaces stay below a session's limit, or there is an exception with the
/// numbers; what fits runs on.
class MemoryLimitTest {
  private static final long MIB = 1 << 20;

  /// A column plus a row: as many elements as their product.
  private static Graph table() {
    Dim n = new Dim.Symbol("N");
    ValueInfo x = new ValueInfo("x", DataType.F32, new Shape(List.of(n, new Dim.Fixed(1))));
    ValueInfo z = new ValueInfo("z", DataType.F32, new Shape(List.of(new Dim.Fixed(1), n)));
    ValueInfo y = new ValueInfo("y", DataType.F32, new Shape(List.of(n, n)));
    Node add = new Node("sums", new Binary.Add(), List.of("x", "z"), "y");
    return new Graph("table", List.of(x, z), List.of(y), Map.of(), List.of(add));
  }

  private static float[] run(Session session, int n) {
    try (Arena arena = Arena.ofConfined()) {
      Tensor x = Tensor.of(new float[n], n, 1);
      Tensor z = Tensor.of(new float[n], 1, n);
      return session.run(Map.of("x", x, "z", z), arena).get("y").toFloats();
    }
  }

  private static SessionOptions limited(long bytes) {
    return SessionOptions.builder()
        .threads(t -> t.maxConcurrentRuns(1))
        .memory(m -> m.limit(bytes))
        .build();
  }

  @Test
  void aFreeAxisOfAHugeSizeIsRefusedWithTheNumbers() {
    try (Session session = Session.open(table(), limited(64 * MIB))) {
      Unsupported e = assertThrows(Unsupported.class, () -> run(session, 100_000));
      assertTrue(e.getMessage().contains("\"sums\" makes 40000000000"), e::getMessage);
      assertTrue(e.getMessage().contains("the memory limit of 67108864"), e::getMessage);
      assertTrue(e.getMessage().contains("SessionOptions.builder().memory("), e::getMessage);
      assertEquals(100, run(session, 10).length, "what fits runs on");
    }
  }

  @Test
  void plansOfOtherShapesMakeRoom() {
    try (Session session = Session.open(table(), limited(6 * MIB))) {
      for (int n : new int[] {1000, 1001, 1000, 1002, 10, 1000}) {
        assertEquals(n * n, run(session, n).length, "each takes 4 MB, and two do not fit");
      }
    }
  }

  @Test
  void aBindingOutlivesThePlanThatMadeRoom() {
    Arena arena = Arena.ofAuto();
    try (Session session = Session.open(table(), limited(6 * MIB))) {
      Tensor y = Tensor.allocate(arena, DataType.F32, Shape.of(2, 2));
      Binding binding =
          session.bind(
              Map.of("x", Tensor.of(new float[] {1, 2}, 2, 1), "z", Tensor.of(new float[2], 1, 2)),
              Map.of("y", y));
      run(session, 1000);
      run(session, 1001);
      session.run(binding);
      assertArrayEquals(new float[] {1, 1, 2, 2}, y.toFloats());
    }
  }

  @Test
  void weightsBeyondTheLimitAreRefused() {
    Graph graph = Layers.sequential(Layers.linear(1024, 1024)).input(Shape.batched("N", 1024));
    try (Session session = Session.open(graph, limited(MIB))) {
      Map<String, Tensor> x = Map.of("input", Tensor.of(new float[1024], 1, 1024));
      Unsupported e = assertThrows(Unsupported.class, () -> session.run(x, Arena.ofAuto()));
      assertTrue(e.getMessage().contains("a packed form of weights f32[1024,1024]"), e::getMessage);
    }
  }

  @Test
  void measuringStaysBelowTheLimitToo() {
    SessionOptions options = limited(64 * MIB).toBuilder().kernels(k -> k.measured(true)).build();
    try (Session session = Session.open(SmallNets.int8(1), options)) {
      Map<String, Tensor> x = Map.of("input", SmallNets.image(1, 1));
      assertEquals(10, session.run(x, Arena.ofAuto()).get("output").elements());
    }
  }

  /// Transposed weights are held in another form, once for all layers that share them.
  @Test
  void otherFormsOfWeightsCount() {
    Dim n = new Dim.Symbol("N");
    ValueInfo x = new ValueInfo("x", DataType.F32, new Shape(List.of(n, new Dim.Fixed(1024))));
    Tensor q = Tensor.of(DataType.S8, new byte[1 << 20], 1024, 1024);
    Map<String, Tensor> constants = Map.of("q", q, "scale", Tensor.scalar(1));
    List<Node> nodes =
        List.of(
            new Node("dq", new Quantization.DequantizeLinear(0), List.of("q", "scale"), "w"),
            new Node("product", new Product.MatMul(), List.of("x", "w"), "y"));
    Graph graph = new Graph("", List.of(x), List.of(x), constants, nodes);
    ValueInfo y = new ValueInfo("y", DataType.F32, x.shape());
    Unsupported e =
        assertThrows(
            Unsupported.class, // Here, since a quantized network is planned when it is opened.
            () -> Session.open(graph.withOutputs(List.of(y)), limited(2 * MIB)));
    assertTrue(
        e.getMessage().startsWith("4194304 bytes for another form of weights \"w\""),
        e::getMessage);
  }

  @Test
  void aKernelByItselfHasALimit() {
    Machine.requireInt8();
    Tensor weight = Tensor.of(DataType.S8, new byte[64], 8, 8);
    QuantParams params = QuantParams.perTensor(DataType.S8, 1, 0);
    try (QLinear layer =
        QLinear.of(weight, params)
            .input(params)
            .floatOutput()
            .options(KernelOptions.builder().memory(m -> m.limit(MIB)).build())
            .pack()) {
      int rows = 100_000;
      MemorySegment x = MemorySegment.ofArray(new byte[8 * rows]);
      MemorySegment y = MemorySegment.ofArray(new float[8 * rows]);
      Unsupported e = assertThrows(Unsupported.class, () -> layer.run(x, rows, y));
      assertTrue(e.getMessage().contains("KernelOptions.builder().memory("), e::getMessage);
      layer.run(x.asSlice(0, 80), 10, y.asSlice(0, 320));
    }
  }

  @Test
  void theUsualLimitIsAShareOfWhatThereIs() {
    long limit = SessionOptions.defaults().memory().limit();
    assertTrue(limit > 64 * MIB && limit < Long.MAX_VALUE / 4, () -> limit + " bytes");
    assertEquals(limit, KernelOptions.defaults().memory().limit());
  }

  @Test
  void aLimitOfNothingIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> limited(0));
  }
}
