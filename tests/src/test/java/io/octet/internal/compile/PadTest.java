package io.octet.internal.compile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.octet.graph.Graph;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Movement;
import io.octet.internal.lower.CompileOptions;
import io.octet.internal.plan.NodePlan;
import io.octet.tensor.DataType;
import io.octet.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Beside quantized data stands what they stand for.
class PadTest {
  private static final Tensor X = Tensor.of(new float[] {-0.5f, 0.5f, 1}, 1, 3);

  private final QdqNet net = new QdqNet();

  private float[] run(boolean int8, String y) {
    Graph graph = net.graph(y);
    Map<String, Tensor> given = Map.of("x", X);
    try (Compiled compiled = new Compiled(graph, "jvm", CompileOptions.DEFAULT, given)) {
      float[] made = compiled.run(given).get(y).toFloats();
      NodePlan row = compiled.row("it");
      assertEquals(int8, row.int8(), row::toString);
      return made;
    }
  }

  private String padded(Movement.PadMode mode, String... more) {
    String q = net.qdq("q", net.input("x", 1, 3), DataType.U8, 0.5f, 7);
    net.constant("pads", Tensor.of(new long[] {0, 1, 0, 2}, 4));
    String[] inputs = more.length == 0 ? new String[] {q, "pads"} : new String[] {q, "pads", "v"};
    return net.node("it", new Movement.Pad(mode, List.of()), inputs);
  }

  @Test
  void zerosAreTheZeroPoint() {
    float[] expected = {0, -0.5f, 0.5f, 1, 0, 0};
    assertArrayEquals(expected, run(true, padded(Movement.PadMode.CONSTANT)));
  }

  @Test
  void axesMayBeAnInput() {
    String q = net.qdq("q", net.input("x", 1, 3), DataType.U8, 0.5f, 7);
    net.constant("pads", Tensor.of(new long[] {1, 2}, 2));
    net.constant("axes", Tensor.of(new long[] {-1}, 1));
    Movement.Pad pad = new Movement.Pad(Movement.PadMode.CONSTANT, List.of());
    float[] expected = {0, -0.5f, 0.5f, 1, 0, 0};
    assertArrayEquals(expected, run(true, net.node("it", pad, q, "pads", "", "axes")));
  }

  @Test
  void whatIsRepeatedKeepsItsBytes() {
    float[] expected = {0.5f, -0.5f, 0.5f, 1, 0.5f, -0.5f};
    assertArrayEquals(expected, run(true, padded(Movement.PadMode.REFLECT)));
  }

  @Test
  void anotherNumberIsAddedToFloats() {
    net.constant("v", Tensor.scalar(-9));
    float[] expected = {-9, -0.5f, 0.5f, 1, -9, -9};
    assertArrayEquals(expected, run(false, padded(Movement.PadMode.CONSTANT, "v")));
  }

  /// Where integers were moved instead, their zero would not be 0.
  @Test
  void aQuantizedConstantIsPaddedAsFloats() {
    net.constant("k", Tensor.of(DataType.U8, new byte[] {7, 9}, 1, 2));
    net.scale("k", 0.5f);
    net.zero("k", DataType.U8, 7);
    String k = net.dequantize("k.dq", "k");
    net.constant("pads", Tensor.of(new long[] {0, 1, 0, 0}, 4));
    String padded =
        net.node("it", new Movement.Pad(Movement.PadMode.CONSTANT, List.of()), k, "pads");
    String y = net.node("y", new Binary.Add(), net.input("x", 1, 3), padded);
    Graph graph = net.graph(y);
    Map<String, Tensor> given = Map.of("x", X);
    float[] made = Compiled.run(graph, "jvm", CompileOptions.DEFAULT, given).get(y).toFloats();
    assertArrayEquals(new float[] {-0.5f, 0.5f, 2}, made);
  }
}
