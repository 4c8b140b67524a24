package io.octet.internal.lower;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.octet.graph.Graph;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Pooling;
import io.octet.graph.op.Unary;
import io.octet.graph.op.Window;
import io.octet.internal.compile.Compiled;
import io.octet.internal.compile.QdqNet;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.reference.ReferenceBackend;
import io.octet.internal.select.Registry;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Tensor;
import io.octet.testkit.Capture;
import io.octet.testkit.Case;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What a Clip says of the integers behind it.
class BoundsTest {
  private static final float REDUCED = 6f / 127;

  private final QdqNet net = new QdqNet();
  private final String x = net.input("x", 1, 4, 6, 6);

  /// Of a value that is stored like this.
  private int largest(String value, DataType type, float scale, int zeroPoint) {
    String stored = net.qdq("stored", value, type, scale, zeroPoint);
    return new Bounds(net.graph(stored))
        .largest(stored, QuantParams.perTensor(type, scale, zeroPoint));
  }

  private String relu6() {
    return net.node("clip", new Unary.Clip(0, 6), x);
  }

  @Test
  void aClipBoundsTheIntegers() {
    assertEquals(127, largest(relu6(), DataType.U8, REDUCED, 0));
  }

  @Test
  void aZeroPointShiftsTheBound() {
    assertEquals(137, largest(relu6(), DataType.U8, REDUCED, 10));
  }

  @Test
  void signedIntegersAreCountedFromTheirSmallest() {
    assertEquals(128 + 60, largest(relu6(), DataType.S8, 0.1f, 0));
  }

  @Test
  void aScaleIsNoBound() {
    assertEquals(255, largest(net.node("relu", new Unary.Relu(), x), DataType.U8, REDUCED, 0));
  }

  @Test
  void whereTheClipIsBeyondTheTypeTheTypeBounds() {
    assertEquals(255, largest(relu6(), DataType.U8, 0.02f, 0));
  }

  @Test
  void nextToATieAKernelMayRoundUp() {
    assertEquals(128, largest(relu6(), DataType.U8, 6 / 127.4999f, 0));
  }

  @Test
  void awayFromATieItDoesNot() {
    assertEquals(127, largest(relu6(), DataType.U8, 6 / 127.49f, 0));
  }

  @Test
  void whatKeepsValuesKeepsTheBound() {
    String first = net.u8("first", relu6(), REDUCED);
    String pooled =
        net.node("pool", new Pooling.MaxPool(Window.of(2, 2).stride(2, 2), false), first);
    String flat = net.node("flat", new Movement.Flatten(1), pooled);
    assertEquals(127, largest(flat, DataType.U8, REDUCED, 0));
  }

  @Test
  void aSumIsNotBounded() {
    String clipped = relu6();
    assertEquals(
        255, largest(net.node("sum", new Binary.Add(), clipped, clipped), DataType.U8, REDUCED, 0));
  }

  @Test
  void theKernelIsAskedForWithTheBound() {
    String first = net.u8("first", net.conv("one", net.u8("in", x, 0.1f), 4, 4, 1), 0.1f);
    String clipped = net.u8("clipped", net.node("clip", new Unary.Clip(0, 6), first), REDUCED);
    Graph graph = net.graph(net.conv("two", clipped, 4, 4, 1));
    Map<String, Tensor> image = Map.of("x", QdqNet.image(1, 1, 4, 6, 6));
    Capture oracle = new Capture(new ReferenceBackend());
    try (Compiled compiled =
        new Compiled(graph, Registry.of(List.of(oracle)), CompileOptions.DEFAULT, image)) {
      compiled.run(image);
    }
    List<Integer> found =
        oracle.cases().stream()
            .map(Case::spec)
            .filter(KernelSpec.Conv.class::isInstance)
            .map(spec -> spec.inputs().getFirst().largest())
            .toList();
    assertEquals(List.of(255, 127), found);
  }
}
