package io.octet.internal.compile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.graph.Graph;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Convolution;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Pooling;
import io.octet.graph.op.Product;
import io.octet.graph.op.Quantization;
import io.octet.graph.op.Window;
import io.octet.internal.lower.CompileOptions;
import io.octet.internal.pass.Prepare;
import io.octet.tensor.DataType;
import io.octet.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Graphs that random ones showed to be refused, or to give another answer.
class GraphEdgesTest {
  private static final CompileOptions LITERAL = new CompileOptions(true, true);

  private final QdqNet net = new QdqNet();

  /// Prepares, compiles and runs, and compares with the literal plan of the reference backend.
  private Map<String, Tensor> check(Graph written, String backend, Tensor x) {
    Graph graph = Prepare.prepare(written).graph();
    Map<String, Tensor> inputs = Map.of("x", x);
    Map<String, Tensor> expected = Compiled.run(graph, "reference", LITERAL, inputs);
    Map<String, Tensor> actual = Compiled.run(graph, backend, CompileOptions.DEFAULT, inputs);
    assertEquals(expected.keySet(), actual.keySet());
    expected.forEach(
        (name, tensor) -> {
          assertEquals(tensor.type(), actual.get(name).type());
          if (tensor.type() == DataType.F32) {
            assertArrayEquals(tensor.toFloats(), actual.get(name).toFloats(), 1e-5f, name);
          } else {
            assertArrayEquals(tensor.toBytes(), actual.get(name).toBytes(), name);
          }
        });
    return actual;
  }

  private static Tensor steps(long... shape) {
    Tensor image = QdqNet.image(3, shape);
    for (int i = 0; i < image.elements(); i++) {
      image.setFloat(i, Math.round(image.getFloat(i) * 16) / 16f);
    }
    return image;
  }

  @ParameterizedTest
  @ValueSource(strings = {"onednn", "jvm", "reference"})
  void anImageMayBeQuantizedAlongAnyAxis(String backend) {
    net.input("x", 2, 3, 4, 5);
    net.constant("scales", Tensor.of(new float[] {0.25f, 0.5f, 0.125f, 1}, 4));
    net.constant("zeros", Tensor.of(DataType.S8, new byte[] {0, 2, -4, 6}, 4));
    net.node("q", new Quantization.QuantizeLinear(-2, DataType.S8), "x", "scales", "zeros");
    net.node("dq", new Quantization.DequantizeLinear(2), "q", "scales", "zeros");
    String pool = net.node("pool", new Pooling.MaxPool(Window.of(2, 2), false), "dq");
    String flat = net.node("flat", new Movement.Flatten(1), "dq");
    check(net.graph(pool, flat, "q", "dq"), backend, steps(2, 3, 4, 5));
  }

  @ParameterizedTest
  @ValueSource(strings = {"onednn", "jvm", "reference"})
  void aQuantizedScalarMayBeAddedToAnImage(String backend) {
    net.input("x", 1, 3, 4, 5);
    net.constant("c", Tensor.scalar(2.25f));
    String scalar = net.s8("s", "c", 0.25f);
    String sum = net.node("sum", new Binary.Add(), net.s8("in", "x", 0.125f), scalar);
    String pool =
        net.node("pool", new Pooling.MaxPool(Window.of(2, 2), false), net.s8("o", sum, 0.25f));
    check(net.graph(pool, "s.q"), backend, steps(1, 3, 4, 5));
  }

  @ParameterizedTest
  @ValueSource(strings = {"onednn", "jvm", "reference"})
  void aQuantizedConstantMayBeReshapedAndAddedToAnImage(String backend) {
    net.input("x", 1, 2, 3, 4);
    net.constant("c", Tensor.of(DataType.S8, new byte[] {3, -5}, 2));
    net.scale("c", 0.25f);
    net.zero("c", DataType.S8, 0);
    net.constant("shape", Tensor.of(new long[] {2, 1, 1}, 3));
    String term =
        net.node("term", new Movement.Reshape(false), net.dequantize("c.dq", "c"), "shape");
    String pool = net.node("pool", new Pooling.MaxPool(Window.of(2, 2), false), "x");
    check(net.graph(net.node("sum", new Binary.Add(), pool, term)), backend, steps(1, 2, 3, 4));
  }

  @ParameterizedTest
  @ValueSource(strings = {"onednn", "jvm", "reference"})
  void weightsMayBeOutputsToo(String backend) {
    net.input("x", 1, 2, 3, 3);
    net.constant("w", steps(2, 4, 1, 1));
    net.node("turned", new Movement.Transpose(List.of(1, 0, 2, 3)), "w");
    net.quantize("q", "turned", DataType.S8, 0.0625f, 0);
    String w = net.dequantize("dq", "q");
    String y =
        net.node("conv", new Convolution.Conv(Window.of(1, 1), 1), net.s8("in", "x", 0.0625f), w);
    Map<String, Tensor> outputs = check(net.graph(y, "turned", "q"), backend, steps(1, 2, 3, 3));
    assertEquals(DataType.S8, outputs.get("q").type());
  }

  @ParameterizedTest
  @ValueSource(strings = {"onednn", "jvm", "reference"})
  void theCOfAGemmIsScaledByBeta(String backend) {
    net.input("x", 3, 4);
    net.constant("w", steps(4, 5));
    net.constant("c", steps(3, 1));
    String y = net.node("y", new Product.Gemm(2, 0.5f, false, false), "x", "w", "c");
    String sum = net.node("sum", new Binary.Add(), "x", "x");
    String square = net.constant("square", steps(4, 4));
    String z = net.node("z", new Product.Gemm(1, -3, false, true), "x", square, sum);
    check(net.graph(y, z), backend, steps(3, 4));
  }

  /// The integers themselves are joined, whatever each stands for.
  @ParameterizedTest
  @ValueSource(strings = {"onednn", "jvm", "reference"})
  void bytesOfSeveralScalesAreJoinedAsTheyStand(String backend) {
    net.input("x", 1, 2, 3, 4);
    net.quantize("fine", "x", DataType.U8, 0.0625f, 3);
    net.quantize("coarse", "x", DataType.U8, 0.5f, 7);
    String joined = net.node("joined", new Movement.Concat(1), "fine", "coarse");
    String turned = net.node("turned", new Movement.Transpose(List.of(0, 2, 3, 1)), joined);
    Map<String, Tensor> outputs = check(net.graph(joined, turned), backend, steps(1, 2, 3, 4));
    assertEquals(DataType.U8, outputs.get("joined").type());
  }

  /// oneDNN's `brg_conv_fwd` is wrong there in float, too.
  @ParameterizedTest
  @ValueSource(strings = {"onednn", "jvm", "reference"})
  void oneColumnOfASingleChannel(String backend) {
    net.input("x", 2, 1, 8, 3);
    net.constant("w", steps(8, 1, 1, 2));
    String y = net.node("y", new Convolution.Conv(Window.of(1, 2).stride(1, 2), 1), "x", "w");
    assertTrue(check(net.graph(y), backend, steps(2, 1, 8, 3)).containsKey("y"));
  }
}
