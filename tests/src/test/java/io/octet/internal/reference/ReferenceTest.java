package io.octet.internal.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.octet.graph.op.Binary;
import io.octet.graph.op.Convolution;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Normalization;
import io.octet.graph.op.Op;
import io.octet.graph.op.Pooling;
import io.octet.graph.op.Product;
import io.octet.graph.op.Quantization;
import io.octet.graph.op.Unary;
import io.octet.graph.op.ValueInfo;
import io.octet.graph.op.Window;
import io.octet.onnx.Onnx;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.Answers;
import io.octet.testkit.Literally;
import io.octet.testkit.OnnxCase;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What each operator means, by numbers that were computed by hand, and by the outputs that ONNX
/// Runtime gave for the models of `resources/onnx-ops`.
final class ReferenceTest {
  private static final float NAN = Float.NaN;
  private static final float INF = Float.POSITIVE_INFINITY;

  private static Tensor evaluate(Op op, DataType type, Shape shape, Tensor... inputs) {
    Tensor y = Literally.blank(new ValueInfo("y", type, shape));
    Reference.evaluate(op, Arrays.asList(inputs), List.of(y));
    return y;
  }

  private static void floats(float[] expected, Op op, Shape shape, Tensor... inputs) {
    float[] actual = evaluate(op, DataType.F32, shape, inputs).toFloats();
    assertArrayEquals(expected, actual, () -> op + ": " + Arrays.toString(actual));
  }

  private static float[] of(float... values) {
    return values;
  }

  private static Tensor vector(float... values) {
    return Tensor.of(values, values.length);
  }

  static Stream<OnnxCase> cases() throws IOException {
    // The bounds of the one are inputs, which no operator of ours has. In a network that is
    // quantized, a sum next to a tie is the next step.
    return OnnxCase.all()
        .filter(c -> !c.name().equals("clip_dynamic_13") && !c.name().startsWith("net_qdq"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void everyOperatorIsWhatOnnxRuntimeMakesOfIt(OnnxCase c) throws IOException {
    Answers.assertClose(c.outputs(), Literally.run(Onnx.read(c.model()), c.inputs()), 1e-6, 1);
  }

  @Test
  void functionsOfOneValueKeepNaN() {
    Tensor x = vector(-INF, -4, -1, -0.5f, 0, 0.5f, 4, INF, NAN);
    Shape s = x.shape();
    floats(of(0, 0, 0, 0, 0, 0.5f, 4, INF, NAN), new Unary.Relu(), s, x);
    floats(of(-1, -1, -1, -0.5f, 0, 0.5f, 2, 2, NAN), new Unary.Clip(-1, 2), s, x);
    floats(of(-INF, -1, -0.25f, -0.125f, 0, 0.5f, 4, INF, NAN), new Unary.LeakyRelu(0.25f), s, x);
    floats(of(0, 0, 0, 0.25f, 0.5f, 0.75f, 1, 1, NAN), new Unary.HardSigmoid(0.5f, 0.5f), s, x);
    floats(of(0, 0.5f, 1), new Unary.Sigmoid(), Shape.of(3), vector(-INF, 0, INF));
    floats(of(-1, 0, 1, NAN), new Unary.Tanh(), Shape.of(4), vector(-INF, 0, INF, NAN));
    floats(of(-0f, -0.375f, 0, 4), new Unary.HardSwish(), Shape.of(4), vector(-3, -1.5f, 0, 4));
    floats(of(), new Unary.Relu(), Shape.of(0, 3), Tensor.of(of(), 0, 3));
    floats(of(2), new Unary.Relu(), Shape.of(), Tensor.scalar(2));
  }

  @Test
  void bothSidesBroadcast() {
    Tensor column = Tensor.of(of(1, 2), 2, 1);
    Tensor row = vector(10, 20, 30);
    floats(of(11, 21, 31, 12, 22, 32), new Binary.Add(), Shape.of(2, 3), column, row);
    floats(of(10, 20, 30, 20, 40, 60), new Binary.Mul(), Shape.of(2, 3), row, column);
    floats(of(3), new Binary.Add(), Shape.of(), Tensor.scalar(1), Tensor.scalar(2));
    floats(
        of(3, 4),
        new Binary.Add(),
        Shape.of(1, 2, 1),
        Tensor.scalar(2),
        column.reshape(Shape.of(1, 2, 1)));
    floats(of(), new Binary.Add(), Shape.of(2, 0), column, Tensor.of(of(), 1, 0));
    floats(of(NAN, INF), new Binary.Mul(), Shape.of(2), vector(0, 2), Tensor.scalar(INF));
  }

  @Test
  void wholeNumbersWrap() {
    Tensor ints = Tensor.of(new int[] {Integer.MAX_VALUE, 3}, 2);
    Tensor twos = Tensor.of(new int[] {2}, 1);
    assertArrayEquals(
        new int[] {Integer.MIN_VALUE + 1, 5},
        evaluate(new Binary.Add(), DataType.S32, Shape.of(2), ints, twos).toInts());
    Tensor longs = Tensor.of(new long[] {1L << 62, -3}, 2);
    assertArrayEquals(
        new long[] {0, 9},
        evaluate(
                new Binary.Mul(),
                DataType.S64,
                Shape.of(2),
                longs,
                Tensor.of(new long[] {4, -3}, 2))
            .toLongs());
  }

  @Test
  void everyTypeRoundsOnceToItself() {
    for (DataType type : List.of(DataType.F16, DataType.BF16, DataType.F64)) {
      Tensor third = Literally.blank(new ValueInfo("x", type, Shape.of()));
      third.setReal(0, 1 / 3.0);
      Tensor tiny = Literally.blank(new ValueInfo("x", type, Shape.of()));
      tiny.setReal(0, 0x1p-12);
      double rounded = third.getReal(0);
      assertEquals(1 / 3.0, rounded, type == DataType.F64 ? 0 : 1e-2);
      Tensor sum = evaluate(new Binary.Add(), type, Shape.of(), third, tiny);
      double expected = rounded + 0x1p-12;
      assertEquals(
          expected,
          sum.getReal(0),
          type == DataType.F64 ? 0 : type == DataType.F16 ? 0x1p-12 : 0x1p-9);
      third.setReal(0, Double.NaN);
      assertEquals(Double.NaN, evaluate(new Unary.Relu(), type, Shape.of(), third).getReal(0));
    }
  }

  @Test
  void elementsOfEveryWidthMove() {
    byte[] bytes = {1, 2, 3, 4, 5, 6};
    Tensor b = Tensor.of(DataType.U8, bytes, 2, 3);
    Op transpose = new Movement.Transpose(List.of());
    assertArrayEquals(
        new byte[] {1, 4, 2, 5, 3, 6},
        evaluate(transpose, DataType.U8, Shape.of(3, 2), b).toBytes());
    Tensor l = Tensor.of(new long[] {1, 2, 3, 4, 5, 6}, 1, 2, 3);
    assertArrayEquals(
        new long[] {1, 4, 2, 5, 3, 6},
        evaluate(new Movement.Transpose(List.of(2, 0, 1)), DataType.S64, Shape.of(3, 1, 2), l)
            .toLongs());
    Tensor halves = Tensor.wrap(DataType.F16, Shape.of(2, 3), MemorySegment.ofArray(new short[6]));
    for (int i = 0; i < 6; i++) {
      halves.setReal(i, i);
    }
    Tensor turned = evaluate(transpose, DataType.F16, Shape.of(3, 2), halves);
    assertEquals(3, turned.getReal(1));
    assertEquals(2, turned.getReal(4));
    Tensor f = Tensor.of(of(1, 2, 3, 4), 2, 2);
    floats(
        of(1, 2, 9, 3, 4, 8),
        new Movement.Concat(-1),
        Shape.of(2, 3),
        f,
        Tensor.of(of(9, 8), 2, 1));
    floats(of(1, 2, 3, 4), new Movement.Concat(1), Shape.of(2, 2), f, Tensor.of(of(), 2, 0));
    floats(of(1, 2, 3, 4), new Movement.Flatten(0), Shape.of(1, 4), f);
    floats(of(), transpose, Shape.of(2, 0), Tensor.of(of(), 0, 2));
    floats(of(7), transpose, Shape.of(), Tensor.scalar(7));
  }

  @Test
  void productsOfMatricesAndVectors() {
    Tensor a = Tensor.of(of(1, 2, 3, 4, 5, 6), 2, 3);
    Tensor v = vector(1, 0, -1);
    floats(of(-2, -2), new Product.MatMul(), Shape.of(2), a, v);
    floats(of(-3, -3, -3), new Product.MatMul(), Shape.of(3), vector(1, -1), a);
    floats(of(2), new Product.MatMul(), Shape.of(), v, v);
    Tensor stack = Tensor.of(of(1, 1, 1, 2, 2, 2), 2, 3, 1);
    floats(of(6, 15, 12, 30), new Product.MatMul(), Shape.of(2, 2, 1), a, stack);
    floats(
        of(0, 0, 0, 0),
        new Product.MatMul(),
        Shape.of(2, 2),
        Tensor.of(of(), 2, 0),
        Tensor.of(of(), 0, 2));
    Tensor b = Tensor.of(of(1, 0, 0, 1, 1, 1), 3, 2);
    floats(of(4, 5, 10, 11), new Product.Gemm(1, 1, false, false), Shape.of(2, 2), a, b);
    floats(
        of(8 - 3, 20 - 3, 10 - 6, 22 - 6),
        new Product.Gemm(2, -1, true, true),
        Shape.of(2, 2),
        b,
        a,
        Tensor.of(of(3, 6), 2, 1));
  }

  @Test
  void windowsThatReachBeyondTheImage() {
    Tensor x = Tensor.of(of(1, 2, 3, 4), 1, 1, 2, 2);
    Tensor w = Tensor.of(of(1, 1, 1, 1), 1, 1, 2, 2);
    Window padded = Window.of(2, 2).pads(1, 1, 0, 0);
    Shape same = Shape.of(1, 1, 2, 2);
    floats(of(1, 3, 4, 10), new Convolution.Conv(padded, 1), same, x, w);
    floats(of(0.5f, 2.5f, 3.5f, 9.5f), new Convolution.Conv(padded, 1), same, x, w, vector(-0.5f));
    floats(of(1, 2, 3, 4), new Pooling.MaxPool(padded, false), same, x);
    floats(of(1, 1.5f, 2, 2.5f), new Pooling.AveragePool(padded, false, false), same, x);
    floats(of(0.25f, 0.75f, 1, 2.5f), new Pooling.AveragePool(padded, false, true), same, x);
    floats(of(2.5f), new Pooling.GlobalAveragePool(), Shape.of(1, 1, 1, 1), x);
    Window nowhere = Window.of(1, 1).pads(1, 0, 0, 0);
    floats(
        of(-INF, -INF, 1, 2, 3, 4), new Pooling.MaxPool(nowhere, false), Shape.of(1, 1, 3, 2), x);
    Tensor bytes = Tensor.of(DataType.S8, new byte[] {-128, -5, 7, 127}, 1, 1, 2, 2);
    assertArrayEquals(
        new byte[] {-128, -128, -128, -5, 7, 127},
        evaluate(new Pooling.MaxPool(nowhere, false), DataType.S8, Shape.of(1, 1, 3, 2), bytes)
            .toBytes());
  }

  @Test
  void groupsOfAConvolutionSeeTheirOwnChannels() {
    Tensor x = Tensor.of(of(1, 2, 3, 4), 1, 4, 1, 1);
    Tensor w = Tensor.of(of(1, 1, 1, -1, 2, 0, 0, 2), 4, 2, 1, 1);
    floats(of(3, -1, 6, 8), new Convolution.Conv(Window.of(1, 1), 2), Shape.of(1, 4, 1, 1), x, w);
  }

  @Test
  void normalizationAlongAnAxis() {
    Tensor x = Tensor.of(of(1, 2, 3, 4), 1, 2, 2);
    Op norm = new Normalization.BatchNormalization(0.75f);
    floats(
        of(7, 9, 0, 0),
        norm,
        x.shape(),
        x,
        vector(2, 0),
        vector(5, 0),
        vector(0, 1),
        vector(0.25f, 1));
    Tensor huge = Tensor.of(of(1000, 1000, 1000, -INF), 2, 2);
    floats(of(0.5f, 0.5f, 1, 0), new Normalization.Softmax(1), huge.shape(), huge);
    floats(of(0.5f, 1, 0.5f, 0), new Normalization.Softmax(-2), huge.shape(), huge);
    Tensor nothing = vector(-INF, -INF);
    floats(of(NAN, NAN), new Normalization.Softmax(0), nothing.shape(), nothing);
    floats(of(), new Normalization.Softmax(1), Shape.of(2, 0), Tensor.of(of(), 2, 0));
  }

  @Test
  void quantizationOfEachChannel() {
    Tensor x = Tensor.of(of(0.5f, 1.5f, -1000, 2.5f, 6, NAN), 2, 3);
    Tensor scales = vector(1, 2);
    Tensor zeros = Tensor.of(DataType.U8, new byte[] {10, (byte) 200}, 2);
    Tensor q =
        evaluate(
            new Quantization.QuantizeLinear(-2, DataType.U8),
            DataType.U8,
            x.shape(),
            x,
            scales,
            zeros);
    assertArrayEquals(new byte[] {10, 12, 0, (byte) 201, (byte) 203, (byte) 200}, q.toBytes());
    floats(
        of(0, 2, -10, 2, 6, 0), new Quantization.DequantizeLinear(0), x.shape(), q, scales, zeros);
    Tensor bias = Tensor.of(new int[] {-3, 1 << 24}, 2);
    floats(
        of(-0.75f, 1 << 22),
        new Quantization.DequantizeLinear(0),
        Shape.of(2),
        bias,
        Tensor.scalar(0.25f));
  }

  @Test
  void onlyWhatKeepsEveryElementInItsPlaceIsAView() {
    assertEquals(true, Reference.isView(new Movement.Reshape(false)));
    assertEquals(true, Reference.isView(new Movement.Flatten(1)));
    assertEquals(false, Reference.isView(new Movement.Transpose(List.of())));
    assertEquals(false, Reference.isView(new Unary.Relu()));
  }
}
