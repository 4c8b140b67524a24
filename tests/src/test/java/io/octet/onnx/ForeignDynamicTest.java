package io.octet.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.ShapeInference;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Product;
import io.octet.graph.op.Quantization;
import io.octet.graph.op.Unary;
import io.octet.graph.op.ValueInfo;
import io.octet.runtime.NodeReport;
import io.octet.runtime.Session;
import io.octet.tensor.DataType;
import io.octet.tensor.Dim;
import io.octet.tensor.QuantMath;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.OrtRunner;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Dynamic layers as other quantizers write them: weights of either type, with zero points or
/// without, of one scale or of many. All are exact sums in int8, by the range of all data.
class ForeignDynamicTest {
  private static final int IN = 41;
  private static final int OUT = 19;

  private record Weights(DataType type, boolean perChannel, boolean zeros) {}

  static Stream<Weights> weights() {
    List<Weights> all = new ArrayList<>();
    for (DataType type : List.of(DataType.U8, DataType.S8)) {
      for (boolean perChannel : new boolean[] {false, true}) {
        for (boolean zeros : new boolean[] {false, true}) {
          all.add(new Weights(type, perChannel, zeros));
        }
      }
    }
    return all.stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("weights")
  void itsSumsAreExactAndRunInInt8(Weights form) throws Exception {
    Random random = new Random(form.hashCode());
    byte[] w = new byte[IN * OUT];
    random.nextBytes(w);
    int count = form.perChannel() ? OUT : 1;
    float[] scales = new float[count];
    byte[] zeros = new byte[count];
    for (int i = 0; i < count; i++) {
      scales[i] = 0.01f + random.nextFloat() / 50;
      zeros[i] = (byte) random.nextInt(256);
    }
    if (!form.zeros()) {
      Arrays.fill(zeros, (byte) 0);
    }
    long[] sizes = form.perChannel() ? new long[] {count} : new long[0];
    Graph graph =
        graph(
            Tensor.of(form.type(), w, IN, OUT),
            Tensor.of(scales, sizes),
            form.zeros() ? Tensor.of(form.type(), zeros, sizes) : null);
    float[] x = new float[2 * 3 * IN];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextGaussian() + 0.4f;
    }
    float[] expected = expected(x, w, form.type(), scales, zeros);
    Map<String, Tensor> inputs = Map.of("x", Tensor.of(x, 2, 3, IN));
    byte[] file = Onnx.toBytes(graph);
    try (Session session = Session.open(Onnx.read(file));
        Arena arena = Arena.ofConfined()) {
      assertArrayEquals(expected, session.run(inputs, arena).get("y").toFloats());
      NodeReport product =
          session.explain(Map.of("x", Shape.of(2, 3, IN))).stream()
              .filter(n -> n.name().equals("product"))
              .findFirst()
              .orElseThrow();
      assertEquals("int8", product.dtype(), product::toString);
      assertTrue(product.fused().contains("bias"), product::toString);
    }
    if (!form.perChannel() || !form.zeros()) { // ONNX Runtime wants one zero point
      try (OrtRunner peer = new OrtRunner(file)) {
        assertArrayEquals(expected, peer.run(inputs).get("y").toFloats(), 1e-4f);
      }
    }
  }

  private static float bias(int channel) {
    return 0.25f * channel - 1;
  }

  private static Graph graph(Tensor w, Tensor scales, Tensor zeros) {
    Shape shape = new Shape(List.of(new Dim.Symbol("N"), new Dim.Symbol("L"), new Dim.Fixed(IN)));
    Map<String, Tensor> constants = new java.util.HashMap<>();
    constants.put("w", w);
    constants.put("ws", scales);
    List<String> product = new ArrayList<>(List.of("q", "w", "z"));
    if (zeros != null) {
      constants.put("wz", zeros);
      product.add("wz");
    }
    float[] bias = new float[OUT];
    for (int i = 0; i < OUT; i++) {
      bias[i] = bias(i);
    }
    constants.put("b", Tensor.of(bias, OUT));
    Graph open =
        new Graph(
            "dynamic",
            List.of(new ValueInfo("x", DataType.F32, shape)),
            List.of(new ValueInfo("y", DataType.F32, Shape.of())),
            constants,
            List.of(
                new Node(
                    "quantize",
                    new Quantization.DynamicQuantizeLinear(),
                    List.of("x"),
                    List.of("q", "s", "z")),
                new Node("product", new Product.MatMulInteger(), product, "sums"),
                new Node("cast", new Unary.Cast(DataType.F32), List.of("sums"), "f"),
                new Node("scale", new Binary.Mul(), List.of("s", "ws"), "sw"),
                new Node("mul", new Binary.Mul(), List.of("f", "sw"), "r"),
                new Node("bias", new Binary.Add(), List.of("r", "b"), "y")));
    return open.withOutputs(List.of(ShapeInference.infer(open).get("y")));
  }

  private static float[] expected(
      float[] x, byte[] w, DataType type, float[] scales, byte[] zeros) {
    float min = 0;
    float max = 0;
    for (float value : x) {
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
    QuantParams p = QuantMath.dynamicParams(min, max);
    float[] y = new float[x.length / IN * OUT];
    for (int i = 0; i < y.length; i++) {
      int channel = i % OUT;
      int place = scales.length == 1 ? 0 : channel;
      int zero = QuantMath.widen(zeros[place], type);
      int sum = 0;
      for (int k = 0; k < IN; k++) {
        float value = x[i / OUT * IN + k];
        int q = QuantMath.quantize(value, p.scale(), p.zeroPoint(), DataType.U8) - p.zeroPoint();
        sum += q * (QuantMath.widen(w[k * OUT + channel], type) - zero);
      }
      y[i] = (float) sum * (p.scale() * scales[place]) + bias(channel);
    }
    return y;
  }
}
