package io.octet.internal.pass;

import static io.octet.nn.Layers.batchNorm2d;
import static io.octet.nn.Layers.conv2d;
import static io.octet.nn.Layers.dropout;
import static io.octet.nn.Layers.flatten;
import static io.octet.nn.Layers.linear;
import static io.octet.nn.Layers.relu;
import static io.octet.nn.Layers.residual;
import static io.octet.nn.Layers.sequential;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.OctetException.InvalidModel;
import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.ShapeInference;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Convolution;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Normalization;
import io.octet.graph.op.Op;
import io.octet.graph.op.Product;
import io.octet.graph.op.Quantization;
import io.octet.graph.op.Unary;
import io.octet.graph.op.ValueInfo;
import io.octet.graph.op.Window;
import io.octet.runtime.Session;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class PrepareTest {
  private static final Op CONV = new Convolution.Conv(Window.of(1, 1), 1);
  private static final Op NORM = new Normalization.BatchNormalization(1e-5f);

  /// Nodes in a row of text: "y = relu x" is written `net.node("y", op, "x")`.
  private static final class Net {
    private final List<ValueInfo> inputs = new ArrayList<>();
    private final List<ValueInfo> outputs = new ArrayList<>();
    private final Map<String, Tensor> constants = new LinkedHashMap<>();
    private final List<Node> nodes = new ArrayList<>();

    Net input(String name, Shape shape) {
      inputs.add(new ValueInfo(name, DataType.F32, shape));
      return this;
    }

    Net constant(String name, Tensor value) {
      constants.put(name, value);
      return this;
    }

    Net node(String output, Op op, String... in) {
      nodes.add(new Node("n_" + output, op, List.of(in), output));
      return this;
    }

    Graph graph(String... names) {
      for (String name : names) {
        outputs.add(new ValueInfo(name, DataType.F32, Shape.of()));
      }
      return new Graph("net", inputs, outputs, constants, nodes);
    }
  }

  private static Net image() {
    return new Net().input("x", Shape.batched("N", 2, 4, 4));
  }

  private static Net convAndNorm() {
    return image()
        .constant("w", Tensor.of(new float[] {1, 2, 3, 4}, 2, 2, 1, 1))
        .constant("gamma", Tensor.of(new float[] {2, 3}, 2))
        .constant("beta", Tensor.of(new float[] {0.5f, -0.5f}, 2))
        .constant("mean", Tensor.of(new float[] {1, -1}, 2))
        .constant("var", Tensor.of(new float[] {0.25f, 4}, 2))
        .node("c", CONV, "x", "w")
        .node("b", NORM, "c", "gamma", "beta", "mean", "var");
  }

  private static Graph prepared(Graph graph) {
    return Prepare.prepare(graph).graph();
  }

  private static List<String> ops(Graph graph) {
    return graph.nodes().stream().map(n -> n.op().name()).toList();
  }

  @Test
  void batchNormalizationGoesIntoTheConvolutionBeforeIt() {
    Graph folded = prepared(convAndNorm().graph("b"));
    assertEquals(List.of("Conv"), ops(folded));
    Node conv = folded.nodes().getFirst();
    assertEquals("n_c", conv.name());
    assertEquals("b", conv.output());
    float d0 = 1f / (float) Math.sqrt(0.25f + 1e-5f);
    float d1 = 1f / (float) Math.sqrt(4f + 1e-5f);
    assertArrayEquals(
        new float[] {2 * d0, 2 * (2 * d0), 3 * (3 * d1), 4 * (3 * d1)},
        folded.constant(conv.input(1)).toFloats());
    assertArrayEquals(
        new float[] {(0 - 1) * d0 * 2 + 0.5f, (0 + 1) * d1 * 3 - 0.5f},
        folded.constant(conv.input(2)).toFloats());
  }

  /// PyTorch's `fuse_conv_bn_weights` takes `(b - mean) * deviation * weight + shift` from left to
  /// right for convolutions, and `weight * deviation` first for linear layers; other orders give
  /// other last bits for these numbers.
  @Test
  void theFoldedBiasIsComputedInPyTorchsOrder() {
    float[] gamma = {1.4f, 0.4f};
    float[] beta = {0.4f, 0.8f};
    float[] mean = {-1.3f, -1.4f};
    float[] variance = {0.6f, 0.1f};
    float[] bias = {-0.2f, 0.1f};
    float[] inOrder = new float[2];
    float[] scaleFirst = new float[2];
    for (int c = 0; c < 2; c++) {
      float deviation = 1f / (float) Math.sqrt(variance[c] + 1e-5f);
      inOrder[c] = (bias[c] - mean[c]) * deviation * gamma[c] + beta[c];
      scaleFirst[c] = (bias[c] - mean[c]) * (gamma[c] * deviation) + beta[c];
    }
    assertFalse(Arrays.equals(inOrder, scaleFirst), "numbers that tell the orders apart");
    Net net =
        image()
            .constant("w", Tensor.of(new float[] {1, 2, 3, 4}, 2, 2, 1, 1))
            .constant("bias", Tensor.of(bias, 2))
            .constant("gamma", Tensor.of(gamma, 2))
            .constant("beta", Tensor.of(beta, 2))
            .constant("mean", Tensor.of(mean, 2))
            .constant("var", Tensor.of(variance, 2))
            .node("c", CONV, "x", "w", "bias")
            .node("b", NORM, "c", "gamma", "beta", "mean", "var");
    Graph folded = prepared(net.graph("b"));
    Node conv = folded.nodes().getFirst();
    assertArrayEquals(inOrder, folded.constant(conv.input(2)).toFloats());
  }

  /// A value that is an output of the graph is never folded away: with each as an output, every
  /// operator runs by itself.
  @Test
  void theFoldedNetworkGivesTheNumbersOfTheUnfoldedOne() {
    float[] ones = {1.5f, 0.5f, 2, 1};
    float[] shifts = {0.1f, -0.2f, 0.3f, 0};
    Graph net =
        sequential(
                conv2d(2, 4, 3).padding(1).bias(false),
                batchNorm2d(4).weights(ones, shifts, shifts, ones),
                relu(),
                residual(sequential(conv2d(4, 4, 1).groups(2), batchNorm2d(4))),
                dropout(0.5),
                flatten(),
                linear(64, 4),
                batchNorm2d(4).weights(shifts, ones, shifts, ones))
            .input(2, 4, 4);
    List<ValueInfo> every = new ArrayList<>();
    net.nodes().forEach(n -> every.add(ShapeInference.infer(net).get(n.output())));
    Graph unfolded = net.withOutputs(every);
    assertEquals(net.nodes().size(), prepared(unfolded).nodes().size());
    assertEquals(6, prepared(net).nodes().size());
    float[] x = new float[3 * 32];
    for (int i = 0; i < x.length; i++) {
      x[i] = (i * 37 % 64 - 32) / 16f;
    }
    Map<String, Tensor> input = Map.of("input", Tensor.of(x, 3, 2, 4, 4));
    try (Session a = Session.open(net);
        Session b = Session.open(unfolded);
        Arena arena = Arena.ofConfined()) {
      float[] folded = a.run(input, arena).get("output").toFloats();
      float[] literal = b.run(input, arena).get("output").toFloats();
      assertArrayEquals(literal, folded, 1e-5f);
    }
  }

  @Test
  void batchNormalizationGoesIntoTheLinearBeforeIt() {
    Graph folded =
        prepared(
            new Net()
                .input("x", Shape.batched("N", 2))
                .constant("w", Tensor.of(new float[] {1, 2}, 2, 1))
                .constant("one", Tensor.of(new float[] {4}, 1))
                .constant("zero", Tensor.of(new float[] {0}, 1))
                .node("m", new Product.MatMul(), "x", "w")
                .node(
                    "b", new Normalization.BatchNormalization(0), "m", "one", "one", "zero", "one")
                .graph("b"));
    assertEquals(List.of("Gemm"), ops(folded));
    Node gemm = folded.nodes().getFirst();
    assertArrayEquals(new float[] {2, 4}, folded.constant(gemm.input(1)).toFloats());
    assertEquals(Shape.of(1, 2), folded.constant(gemm.input(1)).shape());
    assertArrayEquals(new float[] {4}, folded.constant(gemm.input(2)).toFloats());
  }

  @Test
  void aConvolutionThatOthersReadKeepsItsBatchNormalization() {
    Graph alsoRead = prepared(convAndNorm().node("r", new Unary.Relu(), "c").graph("b", "r"));
    assertEquals(List.of("Conv", "BatchNormalization", "Relu"), ops(alsoRead));
    Graph alsoOutput = prepared(convAndNorm().graph("c", "b"));
    assertEquals(List.of("Conv", "BatchNormalization"), ops(alsoOutput));
  }

  @Test
  void weightsThatTwoLayersShareAreFoldedApart() {
    Graph folded = prepared(convAndNorm().node("d", CONV, "x", "w").graph("b", "d"));
    assertEquals(List.of("Conv", "Conv"), ops(folded));
    Node first = folded.producer("b");
    Node second = folded.producer("d");
    assertEquals("w", second.input(1));
    assertArrayEquals(new float[] {1, 2, 3, 4}, folded.constant("w").toFloats());
    assertFalse(first.input(1).equals("w"));
  }

  @Test
  void everyLinearBecomesOneForm() {
    Tensor w = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
    Net net =
        new Net()
            .input("x", Shape.batched("N", 2))
            .constant("w", w)
            .constant("v", Tensor.of(new float[] {1, 4, 2, 5, 3, 6}, 3, 2))
            .constant("row", Tensor.of(new float[] {1, 2, 3}, 1, 3))
            .constant("c", Tensor.of(new float[] {2}, 1))
            .node("m", new Product.MatMul(), "x", "w")
            .node("a", new Binary.Add(), "row", "m")
            .node("g", new Product.Gemm(1, 1, false, false), "x", "w", "row")
            .node("h", new Product.Gemm(0.5f, 3, false, true), "x", "v", "c")
            .node("i", new Product.Gemm(1, 1, false, true), "x", "v");
    Graph folded = prepared(net.graph("a", "g", "h", "i"));
    assertEquals(List.of("Gemm", "Gemm", "Gemm", "Gemm"), ops(folded));
    for (Node node : folded.nodes()) {
      assertEquals(new Product.Gemm(1, 1, false, true), node.op());
    }
    float[] transposed = {1, 4, 2, 5, 3, 6};
    assertArrayEquals(transposed, folded.constant(folded.producer("a").input(1)).toFloats());
    assertArrayEquals(transposed, folded.constant(folded.producer("g").input(1)).toFloats());
    assertArrayEquals(
        new float[] {1, 2, 3}, folded.constant(folded.producer("a").input(2)).toFloats());
    assertEquals(Shape.of(3), folded.constant(folded.producer("g").input(2)).shape());
    assertArrayEquals(
        new float[] {.5f, 2, 1, 2.5f, 1.5f, 3},
        folded.constant(folded.producer("h").input(1)).toFloats());
    assertArrayEquals(
        new float[] {6, 6, 6}, folded.constant(folded.producer("h").input(2)).toFloats());
    assertEquals("v", folded.producer("i").input(1));
  }

  @Test
  void aProductOfSequencesStaysMatMulAndTakesItsBiasIntoTheGroup() {
    Prepared prepared =
        Prepare.prepare(
            new Net()
                .input("x", Shape.batched("N", 7, 2))
                .constant("w", Tensor.of(new float[6], 2, 3))
                .constant("c", Tensor.of(new float[3], 3))
                .node("m", new Product.MatMul(), "x", "w")
                .node("a", new Binary.Add(), "m", "c")
                .node("r", new Unary.Relu(), "a")
                .graph("r"));
    assertEquals(List.of("MatMul", "Add", "Relu"), ops(prepared.graph()));
    Group group = prepared.groups().all().getFirst();
    assertEquals(prepared.graph().nodes(), group.nodes());
    assertEquals("r", group.output());
    assertEquals(List.of("x"), group.dataInputs());
  }

  @Test
  void aSumWithAConstantForEachChannelBecomesTheBias() {
    Tensor term = Tensor.of(new float[] {1, 2}, 2, 1, 1);
    Graph folded =
        prepared(
            convAndNorm().constant("t", term).node("s", new Binary.Add(), "b", "t").graph("s"));
    assertEquals(List.of("Conv"), ops(folded));
    Graph image =
        prepared(
            convAndNorm()
                .constant("t", Tensor.of(new float[32], 2, 4, 4))
                .node("s", new Binary.Add(), "b", "t")
                .graph("s"));
    assertEquals(List.of("Conv", "Add"), ops(image));
  }

  /// By one number, by one for each channel, before and behind a sum; not by one for each pixel,
  /// and not where the weights would be no numbers.
  @Test
  void aProductWithAConstantForEachChannelGoesIntoTheWeights() {
    Net net =
        image()
            .constant("w", Tensor.of(new float[] {1, 2, 3, 4}, 2, 2, 1, 1))
            .constant("half", Tensor.scalar(0.5f))
            .constant("one", Tensor.of(new float[] {1}, 1))
            .constant("each", Tensor.of(new float[] {-2, 4}, 1, 2, 1, 1))
            .constant("row", Tensor.of(new float[] {1, 2, 3, 4}, 4))
            .constant("huge", Tensor.scalar(3e38f))
            .node("c", CONV, "x", "w")
            .node("m", new Binary.Mul(), "half", "c")
            .node("a", new Binary.Add(), "m", "one")
            .node("e", new Binary.Mul(), "a", "each")
            .node("h", new Binary.Mul(), "e", "huge")
            .node("r", new Binary.Mul(), "h", "row");
    Graph graph = prepared(net.graph("r"));
    assertEquals(List.of("Conv", "Mul", "Mul"), ops(graph));
    Node conv = graph.nodes().getFirst();
    assertArrayEquals(new float[] {-1, -2, 6, 8}, graph.constant(conv.input(1)).toFloats());
    assertArrayEquals(new float[] {-2, 4}, graph.constant(conv.input(2)).toFloats());
  }

  @Test
  void identitiesAndDropoutsDisappearAndOutputsKeepTheirNames() {
    Graph folded =
        prepared(
            image()
                .node("i", new Movement.Identity(), "x")
                .node("r", new Unary.Relu(), "i")
                .node("d", new Movement.Dropout(), "r")
                .node("t", new Unary.Tanh(), "r")
                .node("e", new Movement.Identity(), "d")
                .graph("e", "t"));
    assertEquals(List.of("Relu", "Tanh"), ops(folded));
    assertEquals(List.of("x"), folded.producer("e").inputs());
    assertEquals(List.of("e"), folded.producer("t").inputs());
  }

  @Test
  void anIdentityThatGivesTheInputOrOneValueTwoNamesStays() {
    Graph input = prepared(image().node("y", new Movement.Identity(), "x").graph("y"));
    assertEquals(List.of("Identity"), ops(input));
    Graph twice =
        prepared(
            image()
                .node("r", new Unary.Relu(), "x")
                .node("y", new Movement.Identity(), "r")
                .node("z", new Movement.Identity(), "r")
                .graph("y", "z"));
    assertEquals(List.of("Relu", "Identity"), ops(twice));
    assertEquals(List.of("y"), twice.producer("z").inputs());
  }

  @Test
  void constantsAreMovedWhereTheyAreUsed() {
    Graph folded =
        prepared(
            new Net()
                .input("x", Shape.batched("N", 12))
                .constant("k", Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3))
                .constant("s", Tensor.of(new long[] {-1, 1}, 2))
                .constant("two", Tensor.scalar(2))
                .node("kt", new Movement.Transpose(List.of(1, 0)), "k")
                .node("kk", new Movement.Concat(1), "kt", "kt")
                .node("kf", new Movement.Flatten(0), "kk")
                .node("kr", new Movement.Reshape(false), "kf", "s")
                .node("km", new Binary.Mul(), "kr", "two")
                .node("ks", new Binary.Add(), "km", "km")
                .node("kd", new Movement.Transpose(List.of()), "ks")
                .node("y", new Binary.Add(), "x", "kd")
                .graph("y"));
    assertEquals(List.of("Add"), ops(folded));
    Tensor moved = folded.constant("kd");
    assertEquals(Shape.of(1, 12), moved.shape());
    assertArrayEquals(new float[] {4, 16, 4, 16, 8, 20, 8, 20, 12, 24, 12, 24}, moved.toFloats());
  }

  @Test
  void aFloatWeightBehindQuantizeLinearBecomesInt8AndStaysBehindItsDequantizeLinear() {
    Graph folded =
        prepared(
            image()
                .constant("w", Tensor.of(new float[] {1, -2, 3, 4}, 2, 2, 1, 1))
                .constant("s", Tensor.of(new float[] {0.5f, 2}, 2))
                .constant("z", Tensor.of(DataType.S8, new byte[2], 2))
                .node("q", new Quantization.QuantizeLinear(0, DataType.S8), "w", "s", "z")
                .node("d", new Quantization.DequantizeLinear(0), "q", "s", "z")
                .node("y", CONV, "x", "d")
                .graph("y"));
    assertEquals(List.of("DequantizeLinear", "Conv"), ops(folded));
    assertArrayEquals(new byte[] {2, -4, 2, 2}, folded.constant("q").toBytes());
    assertEquals(1, Groups.of(new Inferred(folded), false).all().size());
  }

  @Test
  void preparingTwiceChangesNothing() {
    Graph once = prepared(convAndNorm().node("r", new Unary.Relu(), "b").graph("r"));
    assertSame(once, prepared(once));
  }

  @Test
  void weightsThatAreNoNumbersAreRefusedByName() {
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      Graph graph =
          convAndNorm().constant("w", Tensor.of(new float[] {1, 2, bad, 4}, 2, 2, 1, 1)).graph("b");
      InvalidModel e = assertThrows(InvalidModel.class, () -> Prepare.prepare(graph));
      assertEquals("weight \"w\" of Conv \"n_c\" holds " + bad + " at element 2", e.getMessage());
    }
    Graph negative = convAndNorm().constant("var", Tensor.of(new float[] {1, -1}, 2)).graph("b");
    InvalidModel e = assertThrows(InvalidModel.class, () -> Prepare.prepare(negative));
    assertTrue(e.getMessage().contains("variance \"var\""), e::getMessage);
  }

  @Test
  void scalesThatAreNoPositiveNumbersAreRefusedByName() {
    for (float bad : new float[] {Float.NaN, 0, -1, Float.POSITIVE_INFINITY}) {
      Graph graph =
          image()
              .constant("s", Tensor.scalar(bad))
              .node("q", new Quantization.QuantizeLinear(1, DataType.U8), "x", "s")
              .node("y", new Quantization.DequantizeLinear(1), "q", "s")
              .graph("y");
      InvalidModel e = assertThrows(InvalidModel.class, () -> Prepare.prepare(graph));
      assertTrue(e.getMessage().contains("scale \"s\""), e::getMessage);
    }
  }

  @Test
  void oneBiasForAllOutputsIsSpreadBeforeMoreIsAdded() {
    Graph folded =
        Prepare.prepare(
                new Net()
                    .input("x", Shape.batched("N", 2))
                    .constant("w", Tensor.of(new float[] {1, 2, 3, 4}, 2, 2))
                    .constant("c", Tensor.of(new float[] {5}, 1))
                    .constant("more", Tensor.of(new float[] {1, 2}, 2))
                    .node("g", new Product.Gemm(1, 1, false, true), "x", "w", "c")
                    .node("y", new Binary.Add(), "g", "more")
                    .graph("y"))
            .graph();
    assertEquals(List.of("Gemm"), ops(folded));
    String bias = folded.nodes().getFirst().input(2);
    assertArrayEquals(new float[] {6, 7}, folded.constant(bias).toFloats());
  }
}
