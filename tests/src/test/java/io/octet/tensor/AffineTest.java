package io.octet.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.octet.tensor.QuantMath.Affine;
import io.octet.testkit.Seeds;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Runs of elements against the rules for one element.
class AffineTest {
  static LongStream seeds() {
    return Seeds.cases(200);
  }

  @ParameterizedTest(name = "-Dtest.seed={0}")
  @MethodSource("seeds")
  void aRunIsQuantizedAsItsElementsAre(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Affine affine = affine(random);
    float[] x = new float[517];
    for (int i = 0; i < x.length; i++) {
      x[i] = awkward(random, affine.scale());
    }
    byte[] y = new byte[x.length];
    affine.quantize(x, y, 0, x.length);
    for (int i = 0; i < x.length; i++) {
      int expected = QuantMath.quantize(x[i], affine.scale(), affine.zeroPoint(), affine.type());
      assertEquals(expected, QuantMath.widen(y[i], affine.type()), x[i] + " as " + affine);
    }
  }

  @ParameterizedTest(name = "-Dtest.seed={0}")
  @MethodSource("seeds")
  void aRunIsDequantizedAsItsElementsAreAndComesBack(long seed) {
    Affine affine = affine(new SplittableRandom(seed));
    byte[] x = new byte[256];
    for (int i = 0; i < x.length; i++) {
      x[i] = (byte) i;
    }
    float[] y = new float[x.length];
    affine.dequantize(x, y, 0, x.length);
    for (int i = 0; i < x.length; i++) {
      int q = QuantMath.widen(x[i], affine.type());
      assertEquals(QuantMath.dequantize(q, affine.scale(), affine.zeroPoint()), y[i]);
    }
    assertArrayEquals(affine.reals(), y);
    byte[] back = new byte[x.length];
    affine.quantize(y, back, 0, y.length);
    assertArrayEquals(x, back);
  }

  @Test
  void halvesGoToTheEvenNeighbourBeforeTheZeroPointIsAdded() {
    float[] halves = {-2.5f, -1.5f, -0.5f, 0.5f, 1.5f, 2.5f};
    byte[] y = new byte[halves.length];
    new Affine(DataType.U8, 1, 7).quantize(halves, y, 0, y.length);
    assertArrayEquals(new byte[] {5, 5, 7, 7, 9, 9}, y);
  }

  @Test
  void theQuotientIsWhatIsRoundedNotAProductWithTheReciprocal() {
    // FBGEMM, which multiplies by 1 / scale, gives 128 here.
    byte[] y = new byte[1];
    new Affine(DataType.U8, 0.00214854861f, 0).quantize(new float[] {0.273939937f}, y, 0, 1);
    assertEquals(127, y[0]);
  }

  private static Affine affine(SplittableRandom random) {
    DataType type = random.nextBoolean() ? DataType.U8 : DataType.S8;
    int zero = random.nextInt((int) type.min(), (int) type.max() + 1);
    return new Affine(type, (float) Math.exp(random.nextDouble(-20, 10)), zero);
  }

  /// Ties, their neighbours, values far beyond the range and infinities among others.
  private static float awkward(SplittableRandom random, float scale) {
    float tie = (random.nextInt(-300, 300) + 0.5f) * scale;
    return switch (random.nextInt(8)) {
      case 0 -> tie;
      case 1 -> Math.nextUp(tie);
      case 2 -> Math.nextDown(tie);
      case 3 -> random.nextBoolean() ? Float.POSITIVE_INFINITY : Float.NEGATIVE_INFINITY;
      case 4 -> (random.nextBoolean() ? 1e30f : -1e30f) * scale;
      case 5 -> -0f;
      default -> (float) random.nextDouble(-300, 300) * scale;
    };
  }
}
