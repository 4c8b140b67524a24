package io.octet.internal.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.OctetException.InvalidModel;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Comparison;
import io.octet.graph.op.Generation;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Op;
import io.octet.graph.op.Operands;
import io.octet.graph.op.Reduction;
import io.octet.graph.op.Selection;
import io.octet.graph.op.Unary;
import io.octet.graph.op.ValueInfo;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.Literally;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/// Operators that exporters leave behind as expressions of constants and of shapes, by numbers that
/// were computed by hand: reals, whole numbers and truths.
final class ReferenceOfConstantsTest {
  private static final float NAN = Float.NaN;
  private static final float INF = Float.POSITIVE_INFINITY;

  /// Of the type and shape that the operator itself says.
  private static Tensor evaluate(Op op, Tensor... inputs) {
    List<Tensor> in = Arrays.asList(inputs);
    ValueInfo info = op.infer(Operands.of("node", in)).getFirst();
    Tensor y = Literally.blank(info);
    Reference.evaluate(op, in, List.of(y));
    return y;
  }

  private static void floats(float[] expected, Op op, Tensor... inputs) {
    float[] actual = evaluate(op, inputs).toFloats();
    assertArrayEquals(expected, actual, () -> op + ": " + Arrays.toString(actual));
  }

  private static void wholes(long[] expected, Op op, Tensor... inputs) {
    Tensor y = evaluate(op, inputs);
    long[] actual = LongStream.range(0, y.elements()).map(y::getInteger).toArray();
    assertArrayEquals(expected, actual, () -> op + ": " + Arrays.toString(actual));
  }

  private static float[] of(float... values) {
    return values;
  }

  private static long[] longs(long... values) {
    return values;
  }

  private static Tensor vector(float... values) {
    return Tensor.of(values, values.length);
  }

  private static Tensor list(long... values) {
    return Tensor.of(values, values.length);
  }

  private static Tensor number(long value) {
    return Tensor.of(new long[] {value});
  }

  private static Tensor truths(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return Tensor.of(DataType.BOOL, bytes, values.length);
  }

  @Test
  void functionsOfReals() {
    Tensor x = vector(-INF, -2.5f, -0.5f, 0, 1.5f, 4, INF, NAN);
    floats(of(INF, 2.5f, 0.5f, -0f, -1.5f, -4, -INF, NAN), new Unary.Neg(), x);
    floats(of(INF, 2.5f, 0.5f, 0, 1.5f, 4, INF, NAN), new Unary.Abs(), x);
    floats(of(-INF, -3, -1, 0, 1, 4, INF, NAN), new Unary.Floor(), x);
    floats(of(-INF, -2, -0f, 0, 2, 4, INF, NAN), new Unary.Ceil(), x);
    floats(of(-INF, -2, -0f, 0, 2, 4, INF, NAN), new Unary.Round(), x);
    floats(of(NAN, 0, 1.5f, INF, NAN), new Unary.Sqrt(), vector(-1, 0, 2.25f, INF, NAN));
    floats(of(-0f, -INF, INF, 0.25f, NAN), new Unary.Reciprocal(), vector(-INF, -0f, 0, 4, NAN));
    floats(of(0, 1, INF, NAN), new Unary.Exp(), vector(-INF, 0, INF, NAN));
    floats(of(NAN, -INF, 0, INF, NAN), new Unary.Log(), vector(-1, 0, 1, INF, NAN));
    floats(
        of(-1, -0.84270079f, -0f, 0, 0.52049988f, 0.99999998f, 1, NAN),
        new Unary.Erf(),
        vector(-INF, -1, -0f, 0, 0.5f, 4, 7, NAN));
    floats(
        of(-0.15865525f, 0, 0.84134475f, 2.9959502f, NAN),
        new Unary.Gelu(Unary.Gelu.Approximation.NONE),
        vector(-1, 0, 1, 3, NAN));
    floats(
        of(-0.15880801f, 0, 0.841192f, 2.9963627f, NAN),
        new Unary.Gelu(Unary.Gelu.Approximation.TANH),
        vector(-1, 0, 1, 3, NAN));
  }

  /// By Simpson's rule, piece by piece.
  @Test
  void theErrorFunctionIsItsIntegral() {
    double expected = 0;
    int steps = 1 << 15;
    double width = 7.0 / steps;
    for (int i = 0; i < steps; i++) {
      double x = i * width;
      assertEquals(expected, ErrorFunction.of(x), 1e-13);
      assertEquals(-expected, ErrorFunction.of(-x), 1e-13);
      double middle = Math.exp(-(x + width / 2) * (x + width / 2));
      double ends = Math.exp(-x * x) + Math.exp(-(x + width) * (x + width));
      expected += 2 / Math.sqrt(Math.PI) * width / 6 * (ends + 4 * middle);
    }
  }

  @Test
  void functionsOfWholeNumbersAndTruths() {
    wholes(longs(3, -4, Long.MIN_VALUE), new Unary.Neg(), list(-3, 4, Long.MIN_VALUE));
    Tensor bytes = Tensor.of(DataType.S8, new byte[] {-128, 5}, 2);
    wholes(longs(-128, -5), new Unary.Neg(), bytes);
    wholes(longs(-128, 5), new Unary.Abs(), bytes);
    wholes(longs(0, 1), new Unary.Not(), truths(1, 0));
    wholes(longs(1, 0, 0, 0), new Binary.And(), truths(1, 1, 0, 0), truths(1, 0, 1, 0));
    wholes(longs(1, 1, 1, 0), new Binary.Or(), truths(1, 1, 0, 0), truths(1, 0, 1, 0));
  }

  @Test
  void castsLoseFractionsAndHighBits() {
    Tensor x = vector(-1.9f, 0, 0.4f, 300, NAN);
    wholes(longs(-1, 0, 0, 300, 0), new Unary.Cast(DataType.S64), x);
    wholes(longs(255, 0, 0, 44, 0), new Unary.Cast(DataType.U8), x);
    wholes(longs(1, 0, 1, 1, 1), new Unary.Cast(DataType.BOOL), x);
    wholes(longs(1, 0), new Unary.Cast(DataType.BOOL), list(256, 0));
    floats(of(1, 0), new Unary.Cast(DataType.F32), truths(1, 0));
    long tie = (1L << 60) + (1L << 36);
    floats(of(0x1.000002p60f), new Unary.Cast(DataType.F32), list(tie + 1));
    wholes(longs(-1, 0), new Unary.Cast(DataType.S32), list(0xffffffffL, 1L << 32));
    wholes(longs((1L << 60) + 1), new Unary.Cast(DataType.S64), list((1L << 60) + 1));
    Tensor half = evaluate(new Unary.Cast(DataType.F16), vector(1 / 3f, 1e6f));
    assertEquals(0x1.554p-2, half.getReal(0));
    assertEquals(Double.POSITIVE_INFINITY, half.getReal(1));
    assertEquals(0x1.56p-2, evaluate(new Unary.Cast(DataType.BF16), vector(1 / 3f)).getReal(0));
    Tensor exact = evaluate(new Unary.Cast(DataType.F64), vector(0.1f));
    assertEquals(0.1f, exact.getReal(0));
  }

  @Test
  void pairsOfRealsAndOfWholeNumbers() {
    Tensor column = Tensor.of(of(1, 8), 2, 1);
    floats(of(-1, -3, 6, 4), new Binary.Sub(), column, vector(2, 4));
    floats(of(0.5f, 0.25f, 4, 2), new Binary.Div(), column, vector(2, 4));
    floats(of(1, 1, 64, 2), new Binary.Pow(), column, Tensor.of(new double[] {2, 1 / 3.0}, 2));
    floats(of(INF, NAN, -INF), new Binary.Div(), vector(1, 0, -1), vector(0, 0, 0));
    floats(of(NAN, 2, 3), new Binary.Max(), vector(NAN, 2, 1), vector(1, 1, 3), vector(0));
    floats(of(-1), new Binary.Min(), vector(-1));
    wholes(longs(-3, 3), new Binary.Div(), list(-7, 7), list(2, 2));
    wholes(longs(Long.MIN_VALUE, 2), new Binary.Div(), list(Long.MIN_VALUE, -2), number(-1));
    wholes(longs(9, -8), new Binary.Pow(), list(3, -2), list(2, 3));
    wholes(longs(7, 9), new Binary.Max(), list(7, -1), list(-5, 9));
    assertThrows(
        IllegalArgumentException.class, () -> evaluate(new Binary.Div(), list(1), list(0)));
  }

  @Test
  void relations() {
    Tensor a = vector(1, 2, 3, NAN);
    wholes(longs(0, 1, 0, 0), new Comparison.Equal(), a, vector(2, 2, 2, NAN));
    wholes(longs(0, 0, 1, 0), new Comparison.Greater(), a, vector(2));
    wholes(longs(0, 1, 1, 0), new Comparison.GreaterOrEqual(), a, vector(2));
    wholes(longs(1, 0, 0, 0), new Comparison.Less(), a, vector(2));
    wholes(longs(1, 1, 0, 0), new Comparison.LessOrEqual(), a, vector(2));
    long large = 1L << 60;
    wholes(longs(1, 0), new Comparison.Less(), list(large, large + 1), number(large + 1));
    wholes(longs(1, 0), new Comparison.Equal(), truths(1, 0), truths(1, 1));
  }

  @Test
  void axesOfOneComeAndGo() {
    Tensor x = Tensor.of(of(1, 2), 1, 2, 1);
    assertEquals(Shape.of(2), evaluate(new Movement.Squeeze(), x).shape());
    assertEquals(Shape.of(1, 2), evaluate(new Movement.Squeeze(), x, list(-1)).shape());
    Tensor wide = evaluate(new Movement.Unsqueeze(), x, list(-1, 0));
    assertEquals(Shape.of(1, 1, 2, 1, 1), wide.shape());
    assertArrayEquals(of(1, 2), wide.toFloats());
    assertEquals(Shape.of(1), evaluate(new Movement.Unsqueeze(), number(3), list(0)).shape());
    floats(of(1, 1, 1, 2, 2, 2), new Movement.Expand(), x, list(3));
    floats(of(1, 2, 1, 2), new Movement.Expand(), vector(1, 2), list(2, 1));
    floats(of(), new Movement.Expand(), x, list(0, 1, 1));
    wholes(longs(4, 4), new Movement.Expand(), number(4), list(2));
  }

  @Test
  void slicesForwardsAndBackwards() {
    Tensor x = Tensor.of(of(0, 1, 2, 3, 4, 5), 2, 3);
    Op slice = new Selection.Slice();
    floats(of(3, 4, 5), slice, x, list(1), list(1000));
    floats(of(1, 2, 4, 5), slice, x, list(-2), list(Long.MAX_VALUE), list(-1));
    floats(of(5, 3, 2, 0), slice, x, list(-1, -1), list(-100, -100), list(0, 1), list(-1, -2));
    floats(of(0, 3), slice, x, list(-100), list(1), list(1));
    floats(of(), slice, x, list(2), list(1), list(1));
    // A start before the first element is the first, unlike numpy's.
    floats(of(0, 3), slice, x, list(-100), list(-200), list(1), list(-1));
    floats(of(2, 5), slice, x, list(100), list(1), list(1), list(-1));
    floats(of(0), slice, x, list(0, 0), list(2, 3), list(0, 1), list(Integer.MAX_VALUE, 3));
    Tensor none = Tensor.of(of(), 0, 3);
    floats(of(), slice, none, list(-1), list(5), list(0), list(-1));
    floats(of(), slice, none, list(0), list(5));
  }

  @Test
  void picksByPlace() {
    Tensor x = Tensor.of(of(0, 1, 2, 3, 4, 5), 2, 3);
    floats(of(3, 4, 5, 0, 1, 2), new Selection.Gather(0), x, list(-1, 0));
    Tensor square = Tensor.of(new int[] {2, 0, 1, -3}, 2, 2);
    floats(of(2, 0, 1, 0, 5, 3, 4, 3), new Selection.Gather(-1), x, square);
    floats(of(1, 4), new Selection.Gather(1), x, number(1));
    floats(of(), new Selection.Gather(1), x, list());
    for (long wrong : longs(3, -4)) {
      assertThrows(
          IllegalArgumentException.class,
          () ->
              Reference.evaluate(
                  new Selection.Gather(1),
                  List.of(x, number(wrong)),
                  List.of(Tensor.of(new float[2], 2))));
    }
    assertThrows(InvalidModel.class, () -> evaluate(new Selection.Gather(2), x, number(0)));
  }

  @Test
  void picksByTruth() {
    Tensor condition = Tensor.of(DataType.BOOL, new byte[] {1, 0}, 2, 1);
    floats(of(1, 2, 7, 7), new Selection.Where(), condition, vector(1, 2), vector(7));
    wholes(longs(5), new Selection.Where(), truths(1), number(5), number(6));
    Tensor odd = Tensor.of(of(Float.intBitsToFloat(0x7fc01234)), 1);
    Tensor kept = evaluate(new Selection.Where(), truths(1), odd, vector(0));
    assertEquals(0x7fc01234, Float.floatToRawIntBits(kept.getFloat(0)));
  }

  @Test
  void whatIsMadeOfSizes() {
    Tensor x = Tensor.of(new float[24], 2, 3, 4);
    wholes(longs(2, 3, 4), new Generation.Shape(), x);
    wholes(longs(3), new Generation.Shape(1, -1), x);
    wholes(longs(3, 4), new Generation.Shape(-2, 7), x);
    wholes(longs(), new Generation.Shape(2, 1), x);
    wholes(longs(), new Generation.Shape(), Tensor.scalar(0));
    wholes(longs(24), new Generation.Size(), x);
    floats(of(2.5f, 2.5f), new Generation.ConstantOfShape(DataType.F32, 2.5), list(2, 1));
    wholes(longs(-1), new Generation.ConstantOfShape(DataType.S64, -1), list());
    wholes(longs(), new Generation.ConstantOfShape(DataType.BOOL, 1), list(3, 0));
    wholes(longs(3, 1, -1), new Generation.Range(), number(3), number(-3), number(-2));
    wholes(longs(), new Generation.Range(), number(3), number(3), number(1));
    floats(
        of(0, 0.1f, 0.2f, 0.3f),
        new Generation.Range(),
        Tensor.scalar(0),
        Tensor.scalar(0.35f),
        Tensor.scalar(0.1f));
  }

  @Test
  void reductionsAlongAnyAxes() {
    Tensor x = Tensor.of(of(1, 2, 3, 4, 5, 6), 2, 3);
    floats(of(6, 15), new Reduction.ReduceSum(false, false), x, list(-1));
    floats(of(2.5f, 3.5f, 4.5f), new Reduction.ReduceMean(true, false), x, list(0));
    floats(of(720), new Reduction.ReduceProd(false, false), x);
    floats(of(4, 5, 6), new Reduction.ReduceMax(false, false), x, list(0));
    floats(of(1), new Reduction.ReduceMin(true, false), x, list(0, 1));
    floats(of(1, 2, 3, 4, 5, 6), new Reduction.ReduceSum(true, true), x, list());
    floats(of(0, 0), new Reduction.ReduceSum(false, false), Tensor.of(of(), 2, 0), list(1));
    floats(of(NAN), new Reduction.ReduceMax(false, false), vector(1, NAN, 2));
    floats(of(3), new Reduction.ReduceMean(false, false), Tensor.scalar(3));
    wholes(longs(-2), new Reduction.ReduceMean(false, false), list(-3, -2));
    wholes(longs(7), new Reduction.ReduceMax(false, false), list(-3, 7));
    assertTrue(evaluate(new Reduction.ReduceSum(true, false), x).shape().equals(Shape.of(1, 1)));
  }
}
