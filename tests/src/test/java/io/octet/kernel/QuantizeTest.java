package io.octet.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.tensor.DataType;
import io.octet.tensor.Granularity;
import io.octet.tensor.QuantMath;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import io.octet.testkit.Allocated;
import io.octet.testkit.Seeds;
import io.octet.testkit.Specs;
import io.octet.testkit.Values;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Quantize and Dequantize against the two formulas, element by element.
class QuantizeTest {
  private static LongStream seeds() {
    return Seeds.cases(200);
  }

  /// A tensor, its parameters and for each element the channel.
  private record Example(QuantParams params, Shape shape, float[] reals, int[] channels) {
    static Example random(SplittableRandom random) {
      int rank = random.nextInt(1, 5);
      long[] sizes = random.longs(rank, 1, rank < 3 ? 3000 / rank : 14).toArray();
      Shape shape = Shape.of(sizes);
      DataType type = random.nextBoolean() ? DataType.U8 : DataType.S8;
      boolean perTensor = random.nextInt(3) == 0;
      int axis = random.nextInt(rank);
      int count = perTensor ? 1 : (int) sizes[axis];
      float[] scales = new float[count];
      int[] zeroPoints = new int[count];
      for (int c = 0; c < count; c++) {
        QuantParams one = Specs.quant(random, type);
        scales[c] = one.scale();
        zeroPoints[c] = one.zeroPoint();
      }
      int named = random.nextBoolean() ? axis : axis - rank;
      Granularity granularity =
          perTensor ? new Granularity.PerTensor() : new Granularity.PerChannel(named);
      int elements = (int) shape.elements();
      int[] channels = new int[elements];
      int run = 1;
      for (int i = axis + 1; i < rank; i++) {
        run *= (int) sizes[i];
      }
      for (int i = 0; i < elements; i++) {
        channels[i] = perTensor ? 0 : i / run % count;
      }
      QuantParams params = new QuantParams(type, granularity, scales, zeroPoints);
      return new Example(params, shape, Values.floats(elements, random), channels);
    }

    byte[] quantized() {
      byte[] expected = new byte[reals.length];
      for (int i = 0; i < expected.length; i++) {
        int c = channels[i];
        expected[i] =
            (byte)
                QuantMath.quantize(reals[i], params.scale(c), params.zeroPoint(c), params.type());
      }
      return expected;
    }

    float[] dequantized(byte[] integers) {
      float[] expected = new float[integers.length];
      for (int i = 0; i < expected.length; i++) {
        int c = channels[i];
        int q = QuantMath.widen(integers[i], params.type());
        expected[i] = QuantMath.dequantize(q, params.scale(c), params.zeroPoint(c));
      }
      return expected;
    }
  }

  @ParameterizedTest(name = "-Dtest.seed={0}")
  @MethodSource("seeds")
  void everyElementFollowsTheFormula(long seed) {
    Example e = Example.random(new SplittableRandom(seed));
    byte[] quantized = new byte[e.reals().length];
    MemorySegment integers = MemorySegment.ofArray(quantized);
    Quantize.of(e.params()).run(MemorySegment.ofArray(e.reals()), e.shape(), integers);
    assertArrayEquals(e.quantized(), quantized);
    float[] reals = new float[quantized.length];
    Dequantize.of(e.params()).run(integers, e.shape(), MemorySegment.ofArray(reals));
    assertArrayEquals(e.dequantized(quantized), reals);
  }

  @ParameterizedTest(name = "-Dtest.seed={0}")
  @MethodSource("seeds")
  void memoryMayLieAnywhere(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    QuantParams params = Specs.quant(random, DataType.U8);
    float[] reals = Values.floats(random.nextInt(1, 5000), random);
    byte[] expected = new byte[reals.length];
    Quantize.of(params).run(MemorySegment.ofArray(reals), MemorySegment.ofArray(expected));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment x = arena.allocate(reals.length * 4L + 1).asSlice(1);
      MemorySegment.copy(reals, 0, x, ValueLayout.JAVA_FLOAT_UNALIGNED, 0, reals.length);
      MemorySegment y = arena.allocate(reals.length + 3L).asSlice(3);
      Quantize.of(params).run(x, y);
      assertArrayEquals(expected, y.toArray(ValueLayout.JAVA_BYTE));
      Dequantize.of(params).run(y, x);
      Dequantize.of(params).run(MemorySegment.ofArray(expected), MemorySegment.ofArray(reals));
      assertArrayEquals(reals, x.toArray(ValueLayout.JAVA_FLOAT_UNALIGNED));
    }
  }

  @Test
  void whatIsBeyondTheRangeSaturatesAndNanCountsAsZero() {
    float[] reals = {Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 1e30f, -1e30f, Float.NaN};
    byte[] q = new byte[5];
    Quantize.of(QuantParams.perTensor(DataType.S8, 0.1f, 3))
        .run(MemorySegment.ofArray(reals), MemorySegment.ofArray(q));
    assertArrayEquals(new byte[] {127, -128, 127, -128, 3}, q);
  }

  @Test
  void sizesTypesAndChannelsMustAgree() {
    QuantParams params = QuantParams.perTensor(DataType.U8, 0.1f, 3);
    QuantParams channels = QuantParams.perChannel(DataType.U8, 1, 0.1f, 0.2f);
    Quantize quantize = Quantize.of(params);
    MemorySegment reals = MemorySegment.ofArray(new float[6]);
    MemorySegment bytes = MemorySegment.ofArray(new byte[6]);
    MemorySegment five = MemorySegment.ofArray(new byte[5]);
    assertRefused("x", () -> quantize.run(reals, five));
    assertRefused("y", () -> quantize.run(reals, Shape.of(6), five));
    assertRefused("x", () -> quantize.run(reals, Shape.of(5), five));
    assertRefused("read-only", () -> quantize.run(reals, bytes.asReadOnly()));
    assertRefused("y", () -> Dequantize.of(params).run(five, reals));
    assertRefused("per channel", () -> Quantize.of(channels).run(reals, bytes));
    assertRefused("axis 1", () -> Quantize.of(channels).run(reals, Shape.of(6), bytes));
    assertRefused("axis 1", () -> Dequantize.of(channels).run(bytes, Shape.of(2, 3), reals));
    assertRefused("s32", () -> Quantize.of(QuantParams.perTensor(DataType.S32, 1, 0)));
    Quantize.of(channels).run(reals, Shape.of(3, 2), bytes);
  }

  private static void assertRefused(String naming, Runnable call) {
    String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
    assertTrue(message.contains(naming), () -> "\"" + message + "\" does not say " + naming);
  }

  @Test
  void anEmptyTensorIsNoError() {
    byte[] neighbour = {7, 7, 7, 7};
    MemorySegment nothing = MemorySegment.ofArray(neighbour).asSlice(0, 0);
    QuantParams params = QuantParams.perTensor(DataType.U8, 0.1f, 3);
    Quantize.of(params).run(nothing, nothing);
    Dequantize.of(params).run(nothing, Shape.of(0, 4), nothing);
    assertArrayEquals(new byte[] {7, 7, 7, 7}, neighbour);
  }

  @Test
  void aRunAllocatesNothing() {
    Quantize quantize = Quantize.of(QuantParams.perTensor(DataType.U8, 0.1f, 3));
    QuantParams perChannel = QuantParams.perChannel(DataType.S8, 1, 0.1f, 0.2f, 0.3f);
    Dequantize dequantize = Dequantize.of(perChannel);
    MemorySegment x = MemorySegment.ofArray(new float[9000]);
    MemorySegment y = MemorySegment.ofArray(new byte[9000]);
    Shape shape = Shape.of(3000, 3);
    long least =
        Allocated.least(
            1000,
            () -> {
              quantize.run(x, y);
              dequantize.run(y, shape, x);
            });
    assertEquals(0, least);
  }
}
