package io.octet.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.OctetException.InvalidModel;
import io.octet.OctetException.Unsupported;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Convolution;
import io.octet.graph.op.Generation;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Normalization;
import io.octet.graph.op.Op;
import io.octet.graph.op.Pooling;
import io.octet.graph.op.Product;
import io.octet.graph.op.Quantization;
import io.octet.graph.op.Selection;
import io.octet.graph.op.Unary;
import io.octet.graph.op.ValueInfo;
import io.octet.graph.op.Window;
import io.octet.tensor.DataType;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class ShapeInferenceTest {
  private static final Window K3 = Window.of(3, 3);

  /// One operator over inputs "a", "b", ...: shapes as "N,3,28,28", constants as tensors.
  private static Graph single(Op op, Object... operands) {
    List<ValueInfo> inputs = new ArrayList<>();
    Map<String, Tensor> constants = new LinkedHashMap<>();
    List<String> names = new ArrayList<>();
    for (Object operand : operands) {
      String name = String.valueOf((char) ('a' + names.size()));
      names.add(operand == null ? "" : name);
      switch (operand) {
        case null -> {}
        case Tensor t -> constants.put(name, t);
        case ValueInfo v -> inputs.add(v);
        case String s -> inputs.add(new ValueInfo(name, DataType.F32, shape(s)));
        default -> throw new IllegalArgumentException("operand " + operand);
      }
    }
    ValueInfo y = new ValueInfo("y", DataType.F32, Shape.of());
    return new Graph(
        "single", inputs, List.of(y), constants, List.of(new Node("it", op, names, "y")));
  }

  private static Shape shape(String dims) {
    if (dims.isEmpty()) {
      return Shape.of();
    }
    return new Shape(
        Stream.of(dims.split(","))
            .<Dim>map(
                d ->
                    Character.isDigit(d.charAt(0))
                        ? new Dim.Fixed(Long.parseLong(d))
                        : new Dim.Symbol(d))
            .toList());
  }

  private static ValueInfo typed(String name, DataType type, String dims) {
    return new ValueInfo(name, type, shape(dims));
  }

  static List<Arguments> rules() {
    return List.of(
        Arguments.of("[N,16,26,26]", single(new Convolution.Conv(K3, 1), "N,3,28,28", "16,3,3,3")),
        Arguments.of(
            "[N,16,28,W]",
            single(new Convolution.Conv(K3.pads(1, 1, 1, 1), 1), "N,3,28,W", "16,3,3,3")),
        Arguments.of(
            "[N,6,ceil(H/2),14]",
            single(
                new Convolution.Conv(K3.stride(2, 2).pads(1, 1, 1, 1), 3), "N,3,H,28", "6,1,3,3")),
        Arguments.of(
            "[N,2,ceil(H/2),5]",
            single(
                new Convolution.Conv(K3.stride(2, 2).autoPad(Window.AutoPad.SAME_UPPER), 1),
                "N,3,H,9",
                "2,3,3,3")),
        Arguments.of(
            "[1,1,3,3]", single(new Convolution.Conv(K3.dilation(2, 2), 1), "1,1,7,7", "1,1,3,3")),
        Arguments.of("[N,8,3,3]", single(new Pooling.MaxPool(K3.stride(2, 2), true), "N,8,6,6")),
        Arguments.of("[N,8,2,2]", single(new Pooling.MaxPool(K3.stride(2, 2), false), "N,8,6,6")),
        Arguments.of(
            "[N,8,2,2]", single(new Pooling.AveragePool(K3.stride(2, 2), false, true), "N,8,6,6")),
        Arguments.of("[N,8,1,1]", single(new Pooling.GlobalAveragePool(), "N,8,H,W")),
        Arguments.of("[N,10]", single(new Product.Gemm(1, 1, false, true), "N,64", "10,64", "10")),
        Arguments.of(
            "[64,10]", single(new Product.Gemm(1, 1, true, false), "N,64", "N,10", "1,10")),
        Arguments.of("[B,T,5]", single(new Product.MatMul(), "B,T,7", "7,5")),
        Arguments.of("[B,4,T,U]", single(new Product.MatMul(), "B,4,T,7", "B,1,7,U")),
        Arguments.of("[T]", single(new Product.MatMul(), "T,7", "7")),
        Arguments.of("[5]", single(new Product.MatMul(), "7", "7,5")),
        Arguments.of("[]", single(new Product.MatMul(), "7", "7")),
        Arguments.of("[B,4,8]", single(new Binary.Add(), "4,1", "B,1,8")),
        Arguments.of("[4]", single(new Binary.Mul(), "N", "4")),
        Arguments.of("[?]", single(new Binary.Mul(), "M", "N")),
        Arguments.of("[N,N,N]", single(new Movement.Transpose(List.of()), "N,N,N")),
        Arguments.of("[B,W,C]", single(new Movement.Transpose(List.of(0, 2, 1)), "B,C,W")),
        Arguments.of("[N,512]", single(new Movement.Flatten(1), "N,8,8,8")),
        Arguments.of("[N,C*64]", single(new Movement.Flatten(-3), "N,C,8,8")),
        Arguments.of("[1,N*2]", single(new Movement.Flatten(0), "N,2")),
        Arguments.of("[N*2,1]", single(new Movement.Flatten(2), "N,2")),
        Arguments.of("[(M+N+3),4]", single(new Movement.Concat(0), "M,4", "N,4", "3,4")),
        Arguments.of("[N,12,7]", single(new Movement.Concat(-2), "N,4,7", "N,8,W")),
        Arguments.of("[N,4]", single(new Normalization.Softmax(-1), "N,4")),
        Arguments.of("[N,4]", single(new Movement.Identity(), "N,4")),
        Arguments.of("[N,4]", single(new Unary.Clip(0, 6), "N,4")),
        Arguments.of(
            "[N,4,2]",
            single(new Normalization.BatchNormalization(0), "N,4,2", "4", "4", "4", "4")),
        Arguments.of("[N,16]", reshape("N,4,4", 0, -1)),
        Arguments.of("[N,16]", reshape("N,4,4", -1, 16)),
        Arguments.of("[B,12,T,32]", reshape("B,T,384", 0, 12, -1, 32)),
        Arguments.of("[N*16]", reshape("N,4,4", -1)),
        Arguments.of("[N*4]", reshape("4,N", -1)),
        Arguments.of("[N,T,8]", reshape("N,T,2,4", 0, 0, -1)),
        Arguments.of("[2,8]", reshape("4,4", 2, -1)),
        Arguments.of("[floor(N*3/2),4]", reshape("N,6", -1, 4)));
  }

  private static Graph reshape(String input, long... to) {
    return single(new Movement.Reshape(false), input, Tensor.of(to, to.length));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("rules")
  void shapesFollowOnnx(String expected, Graph graph) {
    ValueInfo y = ShapeInference.infer(graph).get("y");
    assertEquals(expected, y.shape().toString());
    assertEquals(DataType.F32, y.type());
  }

  static List<Arguments> contradictions() {
    ValueInfo u8 = typed("a", DataType.U8, "N,4");
    return List.of(
        Arguments.of(
            "Conv \"it\": input has 3 channels, weights expect 64 (input [N,3,28,28], weights"
                + " [64,64,3,3])",
            single(new Convolution.Conv(K3, 1), "N,3,28,28", "64,64,3,3")),
        Arguments.of(
            "input has 3 channels, weights expect 4 in 2 groups",
            single(new Convolution.Conv(K3, 2), "N,3,28,28", "64,2,3,3")),
        Arguments.of(
            "5 output channels do not divide into 2 groups",
            single(new Convolution.Conv(K3, 2), "N,4,28,28", "5,2,3,3")),
        Arguments.of("needs an image", single(new Convolution.Conv(K3, 1), "N,3,28", "1,3,3,3")),
        Arguments.of(
            "kernel is [3,3]", single(new Convolution.Conv(K3, 1), "N,3,28,28", "1,3,1,1")),
        Arguments.of(
            "bias must be [8], but \"c\" is [4]",
            single(new Convolution.Conv(K3, 1), "N,3,28,28", "8,3,3,3", "4")),
        Arguments.of("does not fit", single(new Convolution.Conv(K3, 1), "N,3,2,28", "8,3,3,3")),
        Arguments.of("input 1 is absent", single(new Convolution.Conv(K3, 1), "N,3,28,28")),
        Arguments.of(
            "input has 64 features, weights expect 32",
            single(new Product.Gemm(1, 1, false, true), "N,64", "10,32")),
        Arguments.of(
            "[3] and [N,10] do not broadcast",
            single(new Product.Gemm(1, 1, false, true), "N,64", "10,64", "3")),
        Arguments.of("two matrices", single(new Product.Gemm(1, 1, false, true), "N,4,64", "1,64")),
        Arguments.of("inner axes are 7 and 6", single(new Product.MatMul(), "N,7", "6,5")),
        Arguments.of("do not broadcast", single(new Binary.Add(), "N,7", "N,6")),
        Arguments.of(
            "takes f32, f16, bf16 or f64, but \"a\" is u8[N,4]", single(new Unary.Relu(), u8)),
        Arguments.of("takes f32", single(new Quantization.QuantizeLinear(1, DataType.U8), u8, "")),
        Arguments.of(
            "takes u8, s8 or s32", single(new Quantization.DequantizeLinear(1), "N,4", "")),
        Arguments.of("3 scales for axis 1", single(new Quantization.DequantizeLinear(1), u8, "3")),
        Arguments.of(
            "takes its zero point as s8",
            single(
                new Quantization.QuantizeLinear(1, DataType.S8),
                "N,4",
                "",
                typed("c", DataType.U8, ""))),
        Arguments.of(
            "not to s64", single(new Quantization.QuantizeLinear(1, DataType.S64), "N,4", "")),
        Arguments.of("scale must be [4]", batchNorm("N,4,2", "3")),
        Arguments.of("perm [0, 0]", single(new Movement.Transpose(List.of(0, 0)), "N,4")),
        Arguments.of("axis 3", single(new Movement.Flatten(3), "N,4")),
        Arguments.of("axis 2", single(new Normalization.Softmax(2), "N,4")),
        Arguments.of("does not join", single(new Movement.Concat(0), "N,4", "N,5")),
        Arguments.of(
            "one type, the first being f32",
            single(new Movement.Concat(0), "N,4", typed("b", DataType.U8, "N,4"))),
        Arguments.of("cannot take shape [3, -1]", reshape("4,4", 3, -1)),
        Arguments.of("cannot take shape [-1, -1]", reshape("4,4", -1, -1)),
        Arguments.of("cannot take shape [4, 4, 0]", reshape("4,4", 4, 4, 0)));
  }

  private static Graph batchNorm(String x, String vector) {
    return single(new Normalization.BatchNormalization(0), x, vector, "4", "4", "4");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("contradictions")
  void contradictionsNameTheNode(String expected, Graph graph) {
    InvalidModel e = assertThrows(InvalidModel.class, () -> ShapeInference.infer(graph));
    assertTrue(e.getMessage().contains("\"it\""), e::getMessage);
    assertTrue(e.getMessage().contains(expected), e::getMessage);
  }

  @Test
  void quantizationChangesTheTypeOnly() {
    Graph quantize = single(new Quantization.QuantizeLinear(1, DataType.S8), "N,4", "4");
    assertEquals("y s8[N,4]", ShapeInference.infer(quantize).get("y").toString());
    Graph dequantize =
        single(new Quantization.DequantizeLinear(0), typed("a", DataType.S32, "4"), "4");
    assertEquals("y f32[4]", ShapeInference.infer(dequantize).get("y").toString());
  }

  @Test
  void everyInputConstantAndOutputIsThere() {
    Map<String, ValueInfo> values = ShapeInference.infer(reshape("N,4,4", 0, -1));
    assertEquals(List.of("a", "b", "y"), List.copyOf(values.keySet()));
    assertEquals("b s64[2]", values.get("b").toString());
  }

  @Test
  void aShapeThatIsGivenInARunIsUndecided() {
    Graph graph = single(new Movement.Reshape(false), "N,4", typed("b", DataType.S64, "2"));
    assertEquals("[?,?]", ShapeInference.infer(graph).get("y").shape().toString());
    assertEquals(Set.of("b"), ShapeInference.undecided(graph));
    Map<String, Shape> shapes = Map.of("a", Shape.of(3, 4));
    Map<String, Tensor> known = Map.of("b", Tensor.of(new long[] {2, 6}, 2));
    assertEquals("[2,6]", ShapeInference.infer(graph, shapes, known).get("y").shape().toString());
  }

  @Test
  void aShapeOfAnyLengthIsUnsupported() {
    Graph graph = single(new Movement.Reshape(false), "N,4", typed("b", DataType.S64, "R"));
    Unsupported e = assertThrows(Unsupported.class, () -> ShapeInference.infer(graph));
    assertEquals(
        "Reshape \"it\": its shape \"b\" is not a constant, and of no known length",
        e.getMessage());
  }

  /// x.view(N, T * 12, -1) as PyTorch exports it.
  private static Graph chain() {
    ValueInfo x = typed("x", DataType.F32, "N,T,12,H");
    Map<String, Tensor> constants = new LinkedHashMap<>();
    constants.put("zero", Tensor.of(new long[] {0}));
    constants.put("one", Tensor.of(new long[] {1}));
    constants.put("twelve", Tensor.of(new long[] {12}));
    constants.put("first", Tensor.of(new long[] {0}, 1));
    constants.put("rest", Tensor.of(new long[] {-1}, 1));
    List<Node> nodes =
        List.of(
            new Node("shape", new Generation.Shape(), List.of("x"), "sizes"),
            new Node("n", new Selection.Gather(0), List.of("sizes", "zero"), "N"),
            new Node("t", new Selection.Gather(0), List.of("sizes", "one"), "T"),
            new Node("mul", new Binary.Mul(), List.of("T", "twelve"), "T12"),
            new Node("un", new Movement.Unsqueeze(), List.of("N", "first"), "Ns"),
            new Node("ut", new Movement.Unsqueeze(), List.of("T12", "first"), "T12s"),
            new Node("join", new Movement.Concat(0), List.of("Ns", "T12s", "rest"), "to"),
            new Node("view", new Movement.Reshape(false), List.of("x", "to"), "y"));
    return new Graph("chain", List.of(x), List.of(typed("y", DataType.F32, "")), constants, nodes);
  }

  @Test
  void axesThatDoubleInEachNodeAreRefused() {
    ValueInfo x = typed("x0", DataType.S64, "1,1");
    List<Node> nodes = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      String from = "x" + i;
      nodes.add(new Node("g" + i, new Selection.Gather(0), List.of(from, from), "x" + (i + 1)));
    }
    Graph graph =
        new Graph("g", List.of(x), List.of(typed("x40", DataType.S64, "")), Map.of(), nodes);
    Unsupported e = assertThrows(Unsupported.class, () -> ShapeInference.infer(graph));
    assertEquals("Gather \"g5\": makes 65 axes, at most 64 are supported", e.getMessage());
  }

  @Test
  void freeAxesSurviveAShapeThatIsComputed() {
    Map<String, ValueInfo> values = ShapeInference.infer(chain());
    assertEquals("[N, T*12, -1]", values.get("to").values().orElseThrow().toString());
    assertEquals("y f32[N,T*12,H]", values.get("y").toString());
  }

  @Test
  void aPlansSizesMakeNumbersOfThem() {
    Map<String, ValueInfo> values =
        ShapeInference.infer(chain(), Map.of("x", Shape.of(2, 5, 12, 8)));
    assertEquals("[2, 60, -1]", values.get("to").values().orElseThrow().toString());
    assertEquals(Shape.of(2, 60, 8), values.get("y").shape());
  }

  @Test
  void concreteInputsBindTheirSymbols() {
    Graph graph = single(new Binary.Add(), "N,4", "N,1");
    Map<String, ValueInfo> values = ShapeInference.infer(graph, Map.of("a", Shape.of(5, 4)));
    assertEquals(Shape.of(5, 1), values.get("b").shape());
    assertEquals(Shape.of(5, 4), values.get("y").shape());
  }

  @Test
  void inputsThatContradictTheDeclarationAreRefused() {
    Graph graph = single(new Binary.Add(), "N,4", "N,1");
    for (Map<String, Shape> bad :
        List.of(
            Map.of("a", Shape.of(5, 3)),
            Map.of("a", Shape.of(5)),
            Map.of("a", Shape.of(5, 4), "b", Shape.of(6, 1)),
            Map.of("c", Shape.of(5, 4)))) {
      assertThrows(IllegalArgumentException.class, () -> ShapeInference.infer(graph, bad));
    }
  }

  @Test
  void anImageTooSmallForTheNetworkIsTheCallersMistake() {
    Graph graph = single(new Convolution.Conv(K3, 1), "N,3,H,W", "16,3,3,3");
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> ShapeInference.infer(graph, Map.of("a", Shape.of(1, 3, 2, 9))));
    assertTrue(e.getMessage().contains("does not fit input [1,3,2,9]"), e::getMessage);
  }
}
