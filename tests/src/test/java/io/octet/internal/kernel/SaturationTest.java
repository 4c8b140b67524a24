package io.octet.internal.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.tensor.DataType;
import io.octet.tensor.Tensor;
import io.octet.testkit.Case;
import io.octet.testkit.Seeds;
import io.octet.testkit.Specs;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SaturationTest {
  private static final int U8 = Saturation.LARGEST_INPUT;

  @Test
  void thePairsOfEachChannelDecide() {
    assertEquals(List.of(), unsafe(U8, 64, 64, 64, 64)); // 255 * 128 = 32640
    assertEquals(List.of(0), unsafe(U8, 64, 65, 64, 64)); // 255 * 129 = 32895
    assertEquals(List.of(), unsafe(U8, 127, 0, 0, 127));
    assertEquals(List.of(0, 1), unsafe(U8, 127, 2, 2, 127));
    assertEquals(List.of(), unsafe(U8, 127, 1, 1, 127));
    assertEquals(List.of(), unsafe(U8, 127, -127, 1, -1));
    assertEquals(List.of(), unsafe(U8, -64, -64, -128, 0)); // 255 * -128 = -32640
    assertEquals(List.of(0), unsafe(U8, -64, -65, 0, 0));
    assertEquals(List.of(1), unsafe(U8, 1, 2, -128, -1));
  }

  @Test
  void theBoundaryIsThatOf16Bits() {
    assertEquals(List.of(), unsafe(151, 127, 90, 0, 0)); // 151 * 217 = 32767
    assertEquals(List.of(0), unsafe(151, 127, 91, 0, 0));
    assertEquals(List.of(), unsafe(128, -128, -128, 0, 0)); // 128 * -256 = -32768
    assertEquals(List.of(0), unsafe(129, -128, -128, 0, 0));
    assertEquals(List.of(), unsafe(127, 127, 127, -128, -128)); // where something clamps to 7 bits
  }

  static LongStream seeds() {
    return Seeds.cases(200);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void everyPairOfAChannelIsTried(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int largest = random.nextInt(256);
    int[] values = random.ints(6, -128, 128).toArray();
    List<Integer> unsafe = unsafe(largest, values);
    for (int channel = 0; channel < 2; channel++) {
      boolean saturates = false;
      for (int i = 3 * channel; i < 3 * channel + 3; i++) {
        for (int j = 3 * channel; j < i; j++) {
          saturates |= pairSaturates(largest, values[i], values[j]);
        }
      }
      assertEquals(saturates, unsafe.contains(channel), Seeds.replay(seed));
    }
  }

  /// What the instruction does, for all four corners of two inputs.
  private static boolean pairSaturates(int largest, int w1, int w2) {
    boolean saturates = false;
    for (int x1 : new int[] {0, largest}) {
      for (int x2 : new int[] {0, largest}) {
        int sum = x1 * w1 + x2 * w2;
        saturates |= sum != (short) sum;
      }
    }
    return saturates;
  }

  @Test
  void everyWeightHasTwoSmallParts() {
    for (int w = -128; w <= 127; w++) {
      int a = Saturation.firstPart(w);
      int b = w - a;
      assertTrue(Math.abs(a) <= 64 && Math.abs(b) <= 64, w + " = " + a + " + " + b);
      assertTrue(a * w >= 0 && b * w >= 0, w + " = " + a + " + " + b);
    }
  }

  @Test
  void partsFollowEachOtherAlongTheInputChannels() {
    Tensor linear = tensor(new int[] {127, -128, 1, -1, 0, 5}, 2, 3);
    assertArrayEquals(
        new byte[] {64, 63, -64, -64, 1, 0, 0, -1, 0, 0, 3, 2}, Saturation.split(linear).toBytes());
    Tensor conv = tensor(new int[] {127, 2, -128, 4}, 1, 2, 1, 2);
    Tensor split = Saturation.split(conv);
    assertArrayEquals(new long[] {1, 4, 1, 2}, split.shape().sizes());
    assertArrayEquals(new byte[] {64, 1, 63, 1, -64, 2, -64, 2}, split.toBytes());
  }

  static List<Case> layers() {
    return Case.random(50, Specs::int8Conv).toList();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("layers")
  void splitWeightsAreSafe(Case c) {
    Tensor weights = ((KernelSpec.Conv) c.spec()).weights().values();
    assertEquals(List.of(), Saturation.unsafeChannels(Saturation.split(weights), U8));
    assertEquals(Saturation.largestSum(weights), Saturation.largestSum(Saturation.split(weights)));
  }

  @Test
  void channelsAreNamed() {
    assertEquals("the only output channel", Saturation.describe(List.of(0), 1));
    assertEquals("all 2 output channels", Saturation.describe(List.of(0, 1), 2));
    assertEquals("output channel 3", Saturation.describe(List.of(3), 8));
    assertEquals(
        "output channels 0, 2, 4, 6 and 1 more", Saturation.describe(List.of(0, 2, 4, 6, 7), 8));
  }

  /// Two output channels.
  private static List<Integer> unsafe(int largestInput, int... values) {
    return Saturation.unsafeChannels(tensor(values, 2, values.length / 2), largestInput);
  }

  private static Tensor tensor(int[] values, long... sizes) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return Tensor.of(DataType.S8, bytes, sizes);
  }
}
