package io.octet.internal.compile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.graph.Graph;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Convolution;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Normalization;
import io.octet.graph.op.Op;
import io.octet.graph.op.Pooling;
import io.octet.graph.op.Product;
import io.octet.graph.op.Quantization;
import io.octet.graph.op.Unary;
import io.octet.graph.op.Window;
import io.octet.internal.ffi.DnnlIsa;
import io.octet.internal.lower.CompileOptions;
import io.octet.internal.plan.NodePlan;
import io.octet.tensor.DataType;
import io.octet.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// A fallback is a node of an operator with int8 kernels whose data come out of DequantizeLinear
/// and which runs in FP32. Every other FP32 node says why, and is none.
class FallbackTest {
  private static final List<String> TELLING =
      List.of(
          "no_int8_isa",
          "unsupported_op",
          "unsupported_attribute",
          "missing_range",
          "would_saturate",
          "ref_kernel",
          "slower_than_fp32",
          "backend_unavailable");

  private final QdqNet net = new QdqNet();

  private String input(String name, float scale) {
    return net.s8(name + ".in", net.input(name, 1, 4, 6, 6), scale);
  }

  /// The row of node "it" in a network with these outputs; the inputs are x and, where wanted, z.
  private NodePlan row(String... outputs) {
    Graph graph = net.graph(outputs);
    Map<String, Tensor> images = new HashMap<>();
    graph.inputs().forEach(i -> images.put(i.name(), QdqNet.image(1, i.shape().sizes())));
    try (Compiled compiled = new Compiled(graph, "onednn", CompileOptions.DEFAULT, images)) {
      for (NodePlan row : compiled.rows()) {
        boolean added = row.op().equals("Reorder");
        assertTrue(row.int8() || added || row.code() != null, row::toString);
        assertFalse(row.int8() && (row.fallback() || row.code() != null), row::toString);
      }
      compiled.run(images);
      NodePlan row = compiled.row("it");
      assertNotNull(row, () -> compiled.rows().toString());
      return row;
    }
  }

  private void assertFallback(String code, NodePlan row) {
    assertFalse(row.int8(), row::toString);
    assertTrue(row.fallback(), row::toString);
    assertEquals(code, row.code().code(), row::toString);
    assertTrue(TELLING.contains(code) && !row.detail().isEmpty(), row::toString);
  }

  private void assertLeftInFloat(String code, NodePlan row) {
    assertFalse(row.int8(), row::toString);
    assertFalse(row.fallback(), row::toString);
    assertEquals(code, row.code().code(), row::toString);
  }

  @Test
  void aSumOfTwoQuantizedValuesWithoutARangeOfItsOwnIsOne() {
    String sum = net.node("it", new Binary.Add(), input("x", 0.03f), input("z", 0.05f));
    assertFallback("missing_range", row(sum));
  }

  @Test
  void aSumWithAFloatIsNone() {
    String bias = net.constant("bias", Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 6));
    String sum = net.node("it", new Binary.Add(), input("x", 0.03f), bias);
    assertLeftInFloat("missing_range", row(sum));
  }

  @Test
  void aMeanWithoutARangeIsOne() {
    Op pool = new Pooling.AveragePool(Window.of(2, 2).stride(2, 2), false, false);
    assertFallback("missing_range", row(net.node("it", pool, input("x", 0.03f))));
  }

  @Test
  void aMeanIntoAnotherRangeIsNone() {
    String mean = net.node("it", new Pooling.GlobalAveragePool(), input("x", 0.03f));
    NodePlan row = row(net.s8("out", mean, 0.01f));
    assertTrue(row.int8() && !row.fallback(), row::toString);
  }

  /// As other makers' quantizers and a ReduceMean without its axes leave it.
  @Test
  void aMeanThatIsFlattenedBeforeItIsQuantizedIsNone() {
    String mean = net.node("it", new Pooling.GlobalAveragePool(), input("x", 0.03f));
    String flat = net.node("flat", new Movement.Flatten(1), mean);
    net.constant("shape", Tensor.of(new long[] {1, -1, 2}, 3));
    String pairs = net.node("pairs", new Movement.Reshape(false), flat, "shape");
    String y = net.qdq("out", pairs, DataType.U8, 0.01f, 120);
    Graph graph = net.graph(y);
    Map<String, Tensor> given = Map.of("x", QdqNet.image(3, 1, 4, 6, 6));
    try (Compiled compiled = new Compiled(graph, "jvm", CompileOptions.DEFAULT, given)) {
      NodePlan row = compiled.row("it");
      assertTrue(row.int8() && !row.fallback(), row::toString);
      Tensor made = compiled.run(given).get(y);
      CompileOptions literal = new CompileOptions(true, true);
      Tensor expected = Compiled.run(graph, "jvm", literal, given).get(y);
      assertEquals(expected.toString(), made.toString());
      assertArrayEquals(expected.toFloats(), made.toFloats(), 0.0101f);
    }
  }

  @Test
  void aConcatOfTwoScalesWithoutARangeIsOne() {
    String both = net.node("it", new Movement.Concat(1), input("x", 0.03f), input("z", 0.05f));
    assertFallback("missing_range", row(both));
  }

  @Test
  void aConcatWithAFloatIsNone() {
    String both =
        net.node("it", new Movement.Concat(1), input("x", 0.03f), net.input("z", 1, 4, 6, 6));
    assertLeftInFloat("not_quantized", row(both));
  }

  @Test
  void aProductOfTwoQuantizedActivationsIsOneOnlyWhereItsSumsCouldSaturate() {
    String z = net.s8("z.in", net.input("z", 1, 4, 6, 6), 0.05f);
    NodePlan row = row(net.node("it", new Product.MatMul(), input("x", 0.03f), z));
    if (DnnlIsa.effective().hasVnni()) {
      assertTrue(row.int8() && !row.fallback(), row::toString);
    } else {
      assertFallback("would_saturate", row);
    }
  }

  @Test
  void aProductOfAQuantizedAndAFloatActivationIsNone() {
    String z = net.input("z", 1, 4, 6, 6);
    assertLeftInFloat(
        "not_quantized", row(net.node("it", new Product.MatMul(), input("x", 0.03f), z)));
  }

  @Test
  void aLayerWithFloatWeightsBehindQuantizedDataIsOne() {
    String w = net.constant("w", Tensor.of(new float[8 * 4], 8, 4, 1, 1));
    String conv = net.node("it", new Convolution.Conv(Window.of(1, 1), 1), input("x", 0.03f), w);
    assertFallback("missing_range", row(conv));
  }

  @Test
  void aLayerWithQuantizedWeightsOnFloatDataIsNone() {
    assertLeftInFloat("missing_range", row(net.conv("it", net.input("x", 1, 4, 6, 6), 4, 8, 3)));
  }

  @Test
  void aLayerBehindAScaleThatComesAtRunTimeIsOne() {
    String q = net.quantize("q", net.input("x", 1, 4, 6, 6), DataType.S8, 0.1f, 0);
    String scale = net.node("s", new Unary.Relu(), net.input("z", 1));
    String dq = net.node("dq", new Quantization.DequantizeLinear(0), q, scale);
    assertFallback("missing_range", row(net.conv("it", dq, 4, 8, 3)));
  }

  @Test
  void aFlattenBetweenDequantizeAndALinearLayerHidesNothing() {
    String flat = net.node("flat", new Movement.Flatten(1), input("x", 0.03f));
    String w = net.constant("w", Tensor.of(new float[10 * 4 * 36], 10, 4 * 36));
    String linear = net.node("it", new Product.Gemm(1, 1, false, true), flat, w);
    assertFallback("missing_range", row(linear));
  }

  @Test
  void aFunctionOfOneValueWithoutARangeOfItsOwnIsOne() {
    assertFallback("missing_range", row(net.node("it", new Unary.Sigmoid(), input("x", 0.03f))));
  }

  @Test
  void aProductOfTwoQuantizedValuesWithoutARangeOfItsOwnIsOne() {
    String product = net.node("it", new Binary.Mul(), input("x", 0.03f), input("z", 0.05f));
    assertFallback("missing_range", row(product));
  }

  @Test
  void aTransposeBehindParametersPerChannelIsOne() {
    String scale = net.constant("scales", Tensor.of(new float[] {0.1f, 0.2f, 0.3f, 0.4f}, 4));
    String x = net.input("x", 1, 4, 6, 6);
    String q = net.node("q", new Quantization.QuantizeLinear(1, DataType.S8), x, scale);
    String dq = net.node("dq", new Quantization.DequantizeLinear(1), q, scale);
    String turned = net.node("it", new Movement.Transpose(List.of(0, 2, 3, 1)), dq);
    assertFallback("unsupported_attribute", row(turned));
  }

  @Test
  void aSoftmaxOfQuantizedDataIsNone() {
    String soft = net.node("it", new Normalization.Softmax(1), input("x", 0.03f));
    assertLeftInFloat("not_quantized", row(soft));
  }

  @Test
  void aMaxPoolStaysInt8WhoeverReadsIt() {
    Op pool = new Pooling.MaxPool(Window.of(2, 2).stride(2, 2), false);
    assertTrue(row(net.node("it", pool, input("x", 0.03f))).int8());
  }
}
