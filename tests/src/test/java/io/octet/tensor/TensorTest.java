package io.octet.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Types, shapes and tensors, by values written down.
class TensorTest {
  @Test
  void typesKnowTheirWidthRangeAndName() {
    assertEquals(4, DataType.F32.bytes());
    assertEquals(1, DataType.U8.bytes());
    assertEquals(8, DataType.S64.bytes());
    assertEquals(0, DataType.U8.min());
    assertEquals(255, DataType.U8.max());
    assertEquals(-128, DataType.S8.min());
    assertEquals(127, DataType.S8.max());
    assertEquals("s32", DataType.S32.toString());
    for (DataType type : DataType.values()) {
      assertEquals(type == DataType.U8 || type == DataType.S8, type.isInt8(), type.toString());
    }
  }

  @Test
  void everyTypeIsReadAndWrittenAsNumbers() {
    for (DataType type : DataType.values()) {
      Tensor t = Tensor.allocate(Arena.ofAuto(), type, Shape.of(3));
      if (type.isFloat()) {
        t.setReal(1, 1.5);
        assertEquals(1.5, t.getReal(1), type.toString());
        assertThrows(IllegalStateException.class, () -> t.getInteger(1));
        assertThrows(IllegalStateException.class, () -> t.setInteger(1, 1));
      } else {
        t.setInteger(1, 1);
        assertEquals(1, t.getInteger(1), type.toString());
        assertEquals(1.0, t.getReal(1), type.toString());
        assertThrows(IllegalStateException.class, () -> t.setReal(1, 1));
      }
      assertEquals(0.0, t.getReal(0), type.toString());
    }
  }

  @Test
  void halvesAreRoundedHalfToEven() {
    Tensor t = Tensor.allocate(Arena.ofAuto(), DataType.BF16, Shape.of(1));
    double[][] pairs = {
      {1 + 0x1p-8, 1}, {1 + 3 * 0x1p-8, 1 + 0x1p-6}, {-0.0, -0.0}, {1e39, Double.POSITIVE_INFINITY}
    };
    for (double[] pair : pairs) {
      t.setReal(0, pair[0]);
      assertEquals(pair[1], t.getReal(0));
    }
    t.setReal(0, Double.NaN);
    assertTrue(Double.isNaN(t.getReal(0)));
  }

  @Test
  void truthsAre0Or1() {
    Tensor t = Tensor.of(DataType.BOOL, new byte[] {0, 1, 7}, 3);
    assertEquals(1, t.getInteger(2));
    t.setInteger(0, -4);
    assertArrayEquals(new byte[] {1, 1, 7}, t.toBytes());
  }

  @Test
  void axesAreAtLeast0AndSymbolsHaveNames() {
    assertEquals("0", new Dim.Fixed(0).toString());
    assertEquals("N", new Dim.Symbol("N").toString());
    assertThrows(IllegalArgumentException.class, () -> new Dim.Fixed(-1));
    assertThrows(IllegalArgumentException.class, () -> new Dim.Symbol(" "));
  }

  @Test
  void shapesCountTheirElements() {
    Shape shape = Shape.of(2, 3, 4);
    assertEquals(3, shape.rank());
    assertEquals(24, shape.elements());
    assertEquals(4, shape.size(2));
    assertArrayEquals(new long[] {2, 3, 4}, shape.sizes());
    assertEquals(new Dim.Fixed(3), shape.dim(1));
    assertTrue(shape.isConcrete());
    assertEquals("[2,3,4]", shape.toString());
    assertEquals(Shape.of(2, 9, 4), shape.with(1, new Dim.Fixed(9)));
    assertEquals(1, Shape.of().elements());
    assertEquals(0, Shape.of(3, 0).elements());
    assertThrows(ArithmeticException.class, () -> Shape.of(1L << 40, 1L << 40).elements());
  }

  @Test
  void freeAxesHaveNoSizeUntilTheyAreBound() {
    Shape shape = Shape.batched("N", 3, 4);
    assertEquals("[N,3,4]", shape.toString());
    assertFalse(shape.isConcrete());
    IllegalStateException e = assertThrows(IllegalStateException.class, () -> shape.size(0));
    assertEquals("axis 0 (N) of [N,3,4] is free", e.getMessage());
    assertThrows(IllegalStateException.class, shape::elements);
    assertThrows(IllegalStateException.class, shape::sizes);
    assertEquals(Shape.of(7, 3, 4), shape.bind(Map.of("N", 7L, "M", 9L)));
    assertEquals(shape, shape.bind(Map.of("M", 9L)));
  }

  @Test
  void elementsAreReadInMemoryOrder() {
    Tensor floats = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
    assertEquals("f32[2,2]", floats.toString());
    assertEquals(DataType.F32, floats.type());
    assertEquals(Shape.of(2, 2), floats.shape());
    assertEquals(4, floats.elements());
    assertEquals(3, floats.getFloat(2));
    floats.setFloat(2, 9);
    assertArrayEquals(new float[] {1, 2, 9, 4}, floats.toFloats());
    assertEquals(Shape.of(4), floats.reshape(Shape.of(4)).shape());
    assertSame(floats.data(), floats.reshape(Shape.of(4)).data());
    assertEquals(2.5f, Tensor.scalar(2.5f).getFloat(0));
    Tensor bytes = Tensor.of(DataType.U8, new byte[] {-1, 1}, 2);
    assertEquals(255, bytes.getInteger(0));
    assertArrayEquals(new byte[] {-1, 1}, bytes.toBytes());
    assertEquals(-1, Tensor.of(DataType.S8, new byte[] {-1}, 1).getInteger(0));
    Tensor ints = Tensor.of(new int[] {5, -6}, 2);
    assertEquals(-6, ints.getInteger(1));
    assertArrayEquals(new int[] {5, -6}, ints.toInts());
    Tensor longs = Tensor.of(new long[] {5, 1L << 40}, 2);
    assertEquals(1L << 40, longs.getInteger(1));
    assertArrayEquals(new long[] {5, 1L << 40}, longs.toLongs());
  }

  @Test
  void elementsOfAnotherTypeAreRefused() {
    Tensor floats = Tensor.scalar(1);
    Tensor ints = Tensor.of(new int[1], 1);
    assertThrows(IllegalStateException.class, () -> floats.getInteger(0));
    assertThrows(IllegalStateException.class, floats::toBytes);
    assertThrows(IllegalStateException.class, floats::toInts);
    assertThrows(IllegalStateException.class, floats::toLongs);
    assertThrows(IllegalStateException.class, ints::toFloats);
    assertThrows(IllegalStateException.class, () -> ints.getFloat(0));
    assertThrows(IllegalStateException.class, () -> ints.setFloat(0, 1));
    assertThrows(IllegalArgumentException.class, () -> Tensor.of(DataType.S32, new byte[4], 1));
  }

  @Test
  void memoryHoldsExactlyTheShape() {
    MemorySegment memory = MemorySegment.ofArray(new byte[24]);
    assertEquals("f32[2,3]", Tensor.wrap(DataType.F32, Shape.of(2, 3), memory).toString());
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> Tensor.wrap(DataType.F32, Shape.of(2, 4), memory));
    assertEquals(
        "a f32 tensor of shape [2,4] takes 32 bytes, but the segment has 24", e.getMessage());
    assertThrows(
        IllegalArgumentException.class,
        () -> Tensor.wrap(DataType.F32, Shape.batched("N"), memory));
    assertThrows(NullPointerException.class, () -> Tensor.wrap(DataType.F32, Shape.of(1), null));
    try (Arena arena = Arena.ofConfined()) {
      Tensor tensor = Tensor.allocate(arena, DataType.S64, Shape.of(3));
      assertEquals(24, tensor.data().byteSize());
      assertEquals(0, tensor.data().address() % 64);
      assertThrows(
          IllegalArgumentException.class,
          () -> Tensor.allocate(arena, DataType.F32, Shape.batched("N")));
    }
  }

  @Test
  void parametersAreCheckedAndCopied() {
    float[] scales = {0.5f, 2};
    QuantParams channels = QuantParams.perChannel(DataType.S8, 1, scales);
    scales[0] = 9;
    assertEquals(0.5f, channels.scale(0));
    assertEquals(2, channels.scale(1));
    assertEquals(0, channels.zeroPoint(1));
    channels.scales()[0] = 7;
    channels.zeroPoints()[0] = 7;
    assertArrayEquals(new float[] {0.5f, 2}, channels.scales());
    assertArrayEquals(new int[] {0, 0}, channels.zeroPoints());
    assertFalse(channels.isPerTensor());
    assertTrue(channels.isSymmetric());
    assertEquals("s8 per channel (2)", channels.toString());
    assertThrows(IllegalStateException.class, channels::scale);
    assertThrows(IllegalStateException.class, channels::zeroPoint);
    QuantParams one = QuantParams.perTensor(DataType.U8, 0.25f, 3);
    assertEquals(0.25f, one.scale());
    assertEquals(3, one.zeroPoint());
    assertEquals(0.25f, one.scale(5));
    assertEquals(3, one.zeroPoint(5));
    assertTrue(one.isPerTensor());
    assertFalse(one.isSymmetric());
    assertEquals("u8 scale 0.25 zeroPoint 3", one.toString());
  }

  @Test
  void parametersAreEqualByValue() {
    QuantParams one = QuantParams.perTensor(DataType.U8, 0.25f, 3);
    assertEquals(one, QuantParams.perTensor(DataType.U8, 0.25f, 3));
    assertEquals(one.hashCode(), QuantParams.perTensor(DataType.U8, 0.25f, 3).hashCode());
    assertNotEquals(one.hashCode(), QuantParams.perTensor(DataType.U8, 0.5f, 3).hashCode());
    for (QuantParams other :
        List.of(
            QuantParams.perTensor(DataType.S8, 0.25f, 3),
            QuantParams.perTensor(DataType.U8, 0.5f, 3),
            QuantParams.perTensor(DataType.U8, 0.25f, 4),
            QuantParams.perChannel(DataType.U8, 0, 0.25f))) {
      assertNotEquals(one, other);
    }
    assertNotEquals(one, (Object) "u8");
  }

  @Test
  void parametersOutOfRangeAreRefused() {
    for (float scale : new float[] {0, -1, Float.NaN, Float.POSITIVE_INFINITY}) {
      assertThrows(
          IllegalArgumentException.class, () -> QuantParams.perTensor(DataType.U8, scale, 0));
    }
    assertEquals(255, QuantParams.perTensor(DataType.U8, 1, 255).zeroPoint());
    assertEquals(0, QuantParams.perTensor(DataType.U8, 1, 0).zeroPoint());
    for (int zeroPoint : new int[] {-1, 256}) {
      assertThrows(
          IllegalArgumentException.class, () -> QuantParams.perTensor(DataType.U8, 1, zeroPoint));
    }
    for (DataType type : new DataType[] {DataType.F32, DataType.S64}) {
      assertThrows(IllegalArgumentException.class, () -> QuantParams.perTensor(type, 1, 0));
    }
    assertThrows(IllegalArgumentException.class, () -> QuantParams.perChannel(DataType.S8, 0));
    Granularity tensor = new Granularity.PerTensor();
    assertThrows(
        IllegalArgumentException.class,
        () -> new QuantParams(DataType.S8, tensor, new float[] {1, 1}, new int[2]));
    assertThrows(
        IllegalArgumentException.class,
        () -> new QuantParams(DataType.S8, tensor, new float[] {1}, new int[2]));
  }

  @Test
  void quantizationRoundsBeforeItAddsAndSaturates() {
    assertEquals(3, QuantMath.quantize(0.5f, 1, 3, DataType.U8)); // 0.5 to even is 0
    assertEquals(5, QuantMath.quantize(1.5f, 1, 3, DataType.U8));
    assertEquals(4, QuantMath.quantize(2f, 2, 3, DataType.U8));
    assertEquals(255, QuantMath.quantize(Float.POSITIVE_INFINITY, 1, 3, DataType.U8));
    assertEquals(0, QuantMath.quantize(Float.NEGATIVE_INFINITY, 1, 3, DataType.U8));
    assertEquals(3, QuantMath.quantize(Float.NaN, 1, 3, DataType.U8));
    assertEquals(-128, QuantMath.quantize(-1e9f, 1, 0, DataType.S8));
    assertEquals(-1.5f, QuantMath.dequantize(0, 0.5f, 3));
    assertEquals(1, QuantMath.dequantize(5, 0.5f, 3));
    assertEquals(127, QuantMath.saturate(200, DataType.S8));
    assertEquals(0, QuantMath.saturate(-3, DataType.U8));
    assertEquals(7, QuantMath.saturate(7.9, DataType.U8));
    assertEquals(7, QuantMath.scaleAccumulator(10, 0.5f, 2));
    assertEquals(255, QuantMath.widen((byte) -1, DataType.U8));
    assertEquals(-1, QuantMath.widen((byte) -1, DataType.S8));
  }

  @Test
  void scalesComeFromRanges() {
    assertEquals(2, QuantMath.symmetricScale(254, 127, 1e-9f));
    assertEquals(0.5f, QuantMath.symmetricScale(1, 127, 0.5f));
    assertEquals(0x1p-23f, QuantMath.symmetricScale(0, 127, 0.5f));
    QuantMath.Grid grid = new QuantMath.Grid(DataType.U8, 0, 255, 1e-9f);
    assertEquals(QuantParams.perTensor(DataType.U8, 1, 55), grid.affineParams(-55, 200));
    assertEquals(QuantParams.perTensor(DataType.U8, 2, 0), grid.affineParams(100, 510));
    assertEquals(QuantParams.perTensor(DataType.U8, 2, 255), grid.affineParams(-510, -100));
    assertEquals(QuantParams.perTensor(DataType.U8, 0x1p-23f, 0), grid.affineParams(0, 0));
    QuantMath.Grid coarse = new QuantMath.Grid(DataType.S8, -128, 127, 10);
    assertEquals(QuantParams.perTensor(DataType.S8, 10, -128), coarse.affineParams(0, 255));
    float most = Float.MAX_VALUE;
    QuantParams widest = grid.affineParams(-most, most);
    assertEquals(most / 255 + most / 255, widest.scale());
    assertEquals(128, widest.zeroPoint());
  }

  @Test
  void eachByteStandsForOneReal() {
    float[] reals = new QuantMath.Affine(DataType.U8, 0.5f, 2).reals();
    assertEquals(256, reals.length);
    assertEquals(-1, reals[0]);
    assertEquals(126.5f, reals[255]);
    assertEquals(-0.5f, new QuantMath.Affine(DataType.S8, 0.5f, 0).reals()[255]);
    QuantParams channels =
        new QuantParams(
            DataType.U8, new Granularity.PerChannel(0), new float[] {1, 2}, new int[] {3, 4});
    assertEquals(new QuantMath.Affine(DataType.U8, 2, 4), QuantMath.Affine.of(channels, 1));
  }
}
