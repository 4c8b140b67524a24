package io.octet.internal.pass;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.OctetException.InvalidModel;
import io.octet.OctetException.Unsupported;
import io.octet.graph.Node;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Generation;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Op;
import io.octet.graph.op.Product;
import io.octet.graph.op.Quantization;
import io.octet.graph.op.Reduction;
import io.octet.graph.op.Selection;
import io.octet.graph.op.Unary;
import io.octet.tensor.DataType;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What one node makes of constants, and when it stays a node.
final class FoldConstantsTest {
  private static Optional<Tensor> fold(Op op, Tensor... inputs) {
    Map<String, Tensor> constants = new HashMap<>();
    List<String> names = new ArrayList<>();
    for (Tensor input : inputs) {
      names.add(input == null ? "" : "c" + names.size());
      constants.put(names.getLast(), input);
    }
    Node node = new Node("node", op, names, "y");
    return FoldConstants.evaluate(node, constants::get, new GrowthBudget()).map(List::getFirst);
  }

  private static Tensor list(long... values) {
    return Tensor.of(values, values.length);
  }

  @Test
  void anyOperatorIsComputed() {
    Tensor x = Tensor.of(new float[] {-1, 0, 2}, 3);
    assertArrayEquals(new float[] {0, 0, 2}, fold(new Unary.Relu(), x).orElseThrow().toFloats());
    Tensor slice = fold(new Selection.Slice(), x, list(2), list(-9), null, list(-2)).orElseThrow();
    assertArrayEquals(new float[] {2, -1}, slice.toFloats());
    assertEquals(3, fold(new Generation.Size(), x).orElseThrow().getInteger(0));
  }

  @Test
  void aViewIsTheSameMemory() {
    Tensor x = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
    Tensor y = fold(new Movement.Reshape(false), x, list(-1)).orElseThrow();
    assertSame(x.data(), y.data());
    assertEquals("f32[4]", y.toString());
  }

  @Test
  void quantizedWeightsAndLayersStay() {
    Tensor q = Tensor.of(DataType.S8, new byte[4], 2, 2);
    Tensor x = Tensor.of(new float[4], 2, 2);
    assertTrue(fold(new Quantization.DequantizeLinear(0), q, Tensor.scalar(1)).isEmpty());
    assertTrue(fold(new Product.MatMul(), x, x).isEmpty());
    assertTrue(fold(new Product.Gemm(1, 1, false, false), x, x).isEmpty());
    Op quantize = new Quantization.QuantizeLinear(0, DataType.U8);
    assertEquals("u8[2,2]", fold(quantize, x, Tensor.scalar(1)).orElseThrow().toString());
  }

  @Test
  void anUnknownInputLeavesTheNode() {
    Node node = new Node("node", new Binary.Add(), List.of("known", "unknown"), "y");
    Map<String, Tensor> constants = Map.of("known", Tensor.scalar(1));
    assertTrue(FoldConstants.evaluate(node, constants::get, new GrowthBudget()).isEmpty());
  }

  @Test
  void whatContradictsItselfIsNamed() {
    String quotient =
        assertThrows(InvalidModel.class, () -> fold(new Binary.Div(), list(1), list(0)))
            .getMessage();
    assertTrue(quotient.startsWith("Div \"node\": the whole number 1 is divided by 0"), quotient);
    Tensor x = Tensor.of(new float[4], 2, 2);
    String index =
        assertThrows(InvalidModel.class, () -> fold(new Selection.Gather(1), x, list(-3)))
            .getMessage();
    assertTrue(index.startsWith("Gather \"node\": index -3 is not within axis 1 of [2,2]"), index);
    String mean =
        assertThrows(InvalidModel.class, () -> fold(new Reduction.ReduceMean(false, false), list()))
            .getMessage();
    assertTrue(mean.startsWith("ReduceMean \"node\": no whole number is the mean"), mean);
  }

  @Test
  void whatGrowsBeyondAllProportionIsRefused() {
    Tensor one = Tensor.scalar(1);
    for (long size : new long[] {1L << 31, 1L << 40, 1L << 60}) {
      assertThrows(
          Unsupported.class, () -> fold(new Movement.Expand(), one, list(size)), () -> "" + size);
    }
    assertThrows(InvalidModel.class, () -> fold(new Movement.Expand(), one, list(1L << 62, 8)));
  }
}
