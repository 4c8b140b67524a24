package io.octet.onnx;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.ShapeInference;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Convolution;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Op;
import io.octet.graph.op.Pooling;
import io.octet.graph.op.Product;
import io.octet.graph.op.Quantization;
import io.octet.graph.op.Unary;
import io.octet.graph.op.ValueInfo;
import io.octet.graph.op.Window;
import io.octet.runtime.Session;
import io.octet.runtime.SessionOptions;
import io.octet.tensor.DataType;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.Answers;
import io.octet.testkit.OrtRunner;
import io.octet.testkit.Seeds;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Graphs of one quantized operator, random in shapes, types, scales and weights: Octet's output is
/// within one step of ONNX Runtime's, everywhere.
final class QuantizedOperatorsTest {
  private static final int CASES = 25;

  /// One operator between DequantizeLinear and QuantizeLinear.
  interface Recipe {
    /// Adds the operator to `g`; says which value it makes.
    String add(Qdq g);
  }

  /// A recipe with its name.
  record Named(String name, Recipe recipe) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Named> operators() {
    return Stream.of(
        new Named("Conv", g -> g.conv(1)),
        new Named("Conv in groups", g -> g.conv(2)),
        new Named("Conv depthwise", Qdq::depthwise),
        new Named("Conv, Relu", g -> g.node(new Unary.Relu(), g.conv(1))),
        new Named("Conv, Clip", g -> g.node(new Unary.Clip(0, 6), g.conv(1))),
        new Named("Gemm", Qdq::gemm),
        new Named("Gemm, Relu", g -> g.node(new Unary.Relu(), g.gemm())),
        new Named("MatMul, Add", Qdq::matMulAdd),
        new Named("MatMul of two activations", Qdq::product),
        new Named("Add", Qdq::add),
        new Named("Add, Relu", g -> g.node(new Unary.Relu(), g.add())),
        new Named("MaxPool", g -> g.node(new Pooling.MaxPool(g.window(), g.coin()), g.image())),
        new Named(
            "AveragePool",
            g -> g.node(new Pooling.AveragePool(g.window(), false, g.coin()), g.image())),
        new Named("GlobalAveragePool", g -> g.node(new Pooling.GlobalAveragePool(), g.image())),
        new Named("Concat", g -> g.node(new Movement.Concat(1), g.image(), g.image())),
        new Named("Flatten", g -> g.node(new Movement.Flatten(1), g.image())),
        new Named("Transpose", g -> g.node(new Movement.Transpose(List.of(0, 2, 3, 1)), g.image())),
        new Named("Mul", g -> g.node(new Binary.Mul(), g.image(), g.image())),
        new Named("Mul, broadcast", g -> g.node(new Binary.Mul(), g.image(), g.channels())),
        new Named("Mul, broadcast", g -> g.node(new Binary.Mul(), g.channels(), g.image())),
        new Named("Add, broadcast", g -> g.node(new Binary.Add(), g.image(), g.channels())),
        new Named("Sub", g -> g.node(new Binary.Sub(), g.image(), g.image())),
        new Named("Sigmoid", g -> g.node(new Unary.Sigmoid(), g.image())),
        new Named("HardSigmoid", g -> g.node(new Unary.HardSigmoid(0.2f, 0.5f), g.image())),
        new Named("HardSwish", g -> g.node(new Unary.HardSwish(), g.image())),
        new Named("Tanh", g -> g.node(new Unary.Tanh(), g.image())),
        new Named("LeakyRelu", g -> g.node(new Unary.LeakyRelu(0.1f), g.image())),
        new Named("Erf", g -> g.node(new Unary.Erf(), g.image())),
        new Named("SiLU", g -> g.silu(true, false)),
        new Named("SiLU, turned round", g -> g.silu(false, false)),
        new Named("SiLU, rounded in between", g -> g.silu(true, true)),
        new Named("Gelu in five nodes", Qdq::gelu),
        new Named("HardSwish in four nodes", Qdq::hardSwish),
        new Named("squeeze and excite", Qdq::squeeze));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("operators")
  void oneOperatorIsWithinOneStepOfOnnxRuntime(Named operator) {
    Seeds.cases(CASES).forEach(seed -> compare(operator, seed));
  }

  private static void compare(Named operator, long seed) {
    Qdq made = new Qdq(new SplittableRandom(seed));
    Graph graph = made.finish(operator.recipe().add(made));
    Map<String, Tensor> inputs = made.samples();
    SessionOptions options = SessionOptions.defaults();
    for (SessionOptions o :
        List.of(options, options.toBuilder().kernels(k -> k.exact(true)).build())) {
      try (OrtRunner ort = new OrtRunner(Onnx.toBytes(graph));
          Session session = Session.open(graph, o);
          Arena arena = Arena.ofConfined()) {
        Answers.assertClose(ort.run(inputs), session.run(inputs, arena), 0, 1);
      } catch (Exception | AssertionError e) {
        throw new AssertionError(
            operator
                + " "
                + graph.nodes()
                + " of "
                + graph.inputs()
                + ": "
                + e.getMessage()
                + ", "
                + Seeds.replay(seed),
            e);
      }
    }
  }

  /// Builds one such graph. Every value has a scale that puts its elements across the type's range.
  static final class Qdq {
    private final RandomGenerator random;
    private final List<ValueInfo> inputs = new ArrayList<>();
    private final List<Node> nodes = new ArrayList<>();
    private final Map<String, Tensor> constants = new LinkedHashMap<>();
    private final Shape image;
    private float spread;
    private float inputScale;
    private int names;

    Qdq(RandomGenerator random) {
      this.random = random;
      this.image =
          Shape.of(
              random.nextInt(1, 4),
              2 * random.nextInt(1, 20),
              random.nextInt(4, 15),
              random.nextInt(4, 15));
    }

    private String fresh(String base) {
      return base + names++;
    }

    boolean coin() {
      return random.nextBoolean();
    }

    String node(Op op, String... operands) {
      String y = fresh("y");
      nodes.add(new Node(fresh(op.name()), op, List.of(operands), y));
      return y;
    }

    private DataType int8() {
      return coin() ? DataType.U8 : DataType.S8;
    }

    /// Q, then DQ, with a scale for values between -`range` and `range`.
    private String quantized(String x, float range) {
      DataType type = int8();
      inputScale = range / 128 * random.nextFloat(0.5f, 1);
      String scale = constant(Tensor.scalar(inputScale));
      int zero = (int) (type.min() + random.nextInt(100, 156));
      String zeroPoint = constant(Tensor.of(type, new byte[] {(byte) zero}));
      String q = node(new Quantization.QuantizeLinear(1, type), x, scale, zeroPoint);
      return node(new Quantization.DequantizeLinear(1), q, scale, zeroPoint);
    }

    private String constant(Tensor tensor) {
      String name = fresh("c");
      constants.put(name, tensor);
      return name;
    }

    private String input(Shape shape) {
      String name = fresh("x");
      inputs.add(new ValueInfo(name, DataType.F32, shape));
      spread = 1;
      return quantized(name, 3);
    }

    String image() {
      return input(image);
    }

    /// One number for each channel of the image.
    String channels() {
      return input(image.with(2, Dim.of(1)).with(3, Dim.of(1)));
    }

    private String number(float value) {
      return constant(Tensor.scalar(value));
    }

    String silu(boolean gateLast, boolean rounded) {
      String x = image();
      String gate = node(new Unary.Sigmoid(), x);
      String factor = rounded ? quantized(gate, 1) : gate;
      return gateLast ? node(new Binary.Mul(), x, factor) : node(new Binary.Mul(), factor, x);
    }

    String gelu() {
      String x = image();
      String scaled = node(new Binary.Div(), x, number((float) Math.sqrt(2)));
      String shifted = node(new Binary.Add(), node(new Unary.Erf(), scaled), number(1));
      return node(new Binary.Mul(), node(new Binary.Mul(), x, shifted), number(0.5f));
    }

    String hardSwish() {
      String x = image();
      String clipped = node(new Unary.Clip(0, 6), node(new Binary.Add(), x, number(3)));
      return node(new Binary.Div(), node(new Binary.Mul(), x, clipped), number(6));
    }

    String squeeze() {
      String x = image();
      String mean = quantized(node(new Pooling.GlobalAveragePool(), x), 0.5f);
      return node(
          new Binary.Mul(), x, quantized(node(new Unary.HardSigmoid(1 / 6f, 0.5f), mean), 1));
    }

    Window window() {
      int kernel = random.nextInt(1, 4);
      Window window = Window.of(kernel, random.nextInt(1, 4)).stride(random.nextInt(1, 3), 1);
      return kernel == 3 ? window.pads(1, 0, random.nextInt(2), 0) : window;
    }

    /// Weights with a scale for each index along `axis`, or one for all; a bias where a coin says.
    private String[] layer(String x, int axis, long... dims) {
      int channels = (int) dims[axis];
      int count = (int) Shape.of(dims).elements();
      byte[] weights = new byte[count];
      random.nextBytes(weights);
      float[] scales = new float[coin() ? channels : 1];
      for (int i = 0; i < scales.length; i++) {
        scales[i] = random.nextFloat(0.001f, 0.01f);
      }
      long[] vector = scales.length == 1 ? new long[0] : new long[] {channels};
      String scale = constant(Tensor.of(scales, vector));
      String q = constant(Tensor.of(DataType.S8, weights, dims));
      String w = node(new Quantization.DequantizeLinear(axis), q, scale);
      spread = (float) Math.sqrt(count / (double) channels) * 0.4f;
      return coin() ? new String[] {x, w, bias(channels, scales)} : new String[] {x, w};
    }

    private String bias(int channels, float[] scales) {
      float[] products = new float[channels];
      int[] bias = new int[channels];
      for (int i = 0; i < channels; i++) {
        products[i] = inputScale * scales[scales.length == 1 ? 0 : i];
        bias[i] = random.nextInt(-5000, 5000);
      }
      String q = constant(Tensor.of(bias, channels));
      return node(new Quantization.DequantizeLinear(0), q, constant(Tensor.of(products, channels)));
    }

    String conv(int groups) {
      Window window = window();
      long out = 2L * random.nextInt(1, 20);
      long in = image.size(1) / groups;
      String x = image();
      return node(
          new Convolution.Conv(window, groups),
          layer(x, 0, out, in, window.kernelH(), window.kernelW()));
    }

    String depthwise() {
      long channels = image.size(1);
      String x = image();
      Window window = Window.of(3, 3).pads(1, 1, 1, 1).stride(random.nextInt(1, 3), 1);
      return node(new Convolution.Conv(window, (int) channels), layer(x, 0, channels, 1, 3, 3));
    }

    String gemm() {
      long in = random.nextInt(1, 200);
      long out = random.nextInt(1, 100);
      String x = input(Shape.of(random.nextInt(1, 9), in));
      return coin()
          ? node(new Product.Gemm(1, 1, false, true), layer(x, 0, out, in))
          : node(new Product.Gemm(1, 1, false, false), layer(x, 1, in, out));
    }

    String matMulAdd() {
      long in = random.nextInt(1, 200);
      long out = random.nextInt(1, 100);
      String x = input(Shape.of(random.nextInt(1, 9), in));
      String[] operands = layer(x, 1, in, out);
      String product = node(new Product.MatMul(), operands[0], operands[1]);
      return operands.length < 3 ? product : node(new Binary.Add(), product, operands[2]);
    }

    String product() {
      int inner = random.nextInt(1, 90);
      String a = input(Shape.of(2, random.nextInt(1, 3), random.nextInt(1, 40), inner));
      String b = input(Shape.of(1, inner, random.nextInt(1, 50)));
      spread = (float) Math.sqrt(inner) * 2;
      return node(new Product.MatMul(), a, b);
    }

    String add() {
      String a = image();
      String b = image();
      spread = 2;
      return node(new Binary.Add(), a, b);
    }

    /// The graph whose output is `y`, quantized.
    Graph finish(String y) {
      DataType type = int8();
      String scale = constant(Tensor.scalar(3 * spread / 128));
      int zero = (int) (type.min() + random.nextInt(0, 156));
      String zeroPoint = constant(Tensor.of(type, new byte[] {(byte) zero}));
      String q = node(new Quantization.QuantizeLinear(1, type), y, scale, zeroPoint);
      Graph inner = new Graph("one", inputs, List.of(), constants, nodes);
      return inner.withOutputs(List.of(ShapeInference.infer(inner).get(q)));
    }

    /// Elements across each input's range, some beyond it.
    Map<String, Tensor> samples() {
      Map<String, Tensor> samples = new LinkedHashMap<>();
      for (ValueInfo input : inputs) {
        float[] values = new float[(int) input.shape().elements()];
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) random.nextGaussian() * 1.5f;
        }
        samples.put(input.name(), Tensor.of(values, input.shape().sizes()));
      }
      return samples;
    }
  }
}
