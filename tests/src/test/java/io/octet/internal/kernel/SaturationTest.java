package io.octet.internal.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.internal.kernel.Saturation.Pairs;
import io.octet.tensor.DataType;
import io.octet.tensor.Tensor;
import io.octet.testkit.Case;
import io.octet.testkit.PairedWeights;
import io.octet.testkit.Seeds;
import io.octet.testkit.Specs;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class SaturationTest {
  private static final int U8 = Encoding.UNBOUNDED;

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

  @Test
  void whereThePairsAreKnownTheyAloneDecide() {
    int[] weights = {127, 1, 127, -5, -3, 127}; // 3 channels of 2 taps
    Tensor conv = tensor(weights, 1, 3, 1, 2);
    // Tap after tap: 127 127 -3, 1 -5 127.
    assertEquals(List.of(0), Saturation.unsafeChannels(conv, U8, Pairs.ANY_TWO));
    assertEquals(List.of(0), Saturation.unsafeChannels(conv, U8, Pairs.NEIGHBOURS));
    assertEquals(List.of(0), Saturation.unsafeChannels(conv, U8, Pairs.NEIGHBOURS_IN_A_TAP));
    Tensor across = tensor(new int[] {1, 127, -7, -7, 127, 0}, 1, 3, 1, 2);
    // 1 -7 127, 127 -7 0: paired across the taps, 127 meets 127.
    assertEquals(List.of(0), Saturation.unsafeChannels(across, U8, Pairs.NEIGHBOURS));
    assertEquals(List.of(), Saturation.unsafeChannels(across, U8, Pairs.NEIGHBOURS_IN_A_TAP));
    Tensor linear = tensor(new int[] {127, 1, 1, 127, 127, 1, 1, 127, 127}, 1, 9);
    assertEquals(List.of(), Saturation.unsafeChannels(linear, U8, Pairs.NEIGHBOURS));
    assertEquals(List.of(0), Saturation.unsafeChannels(linear, U8, Pairs.ANY_TWO));
  }

  /// The weights with which kernels are tried are safe for no other pairs than those: a kernel that
  /// adds others gives wrong sums.
  @ParameterizedTest
  @EnumSource(names = {"NEIGHBOURS", "NEIGHBOURS_IN_A_TAP"})
  void theWeightsOfTheTrialsTellPairsApart(Pairs pairs) {
    SplittableRandom random = new SplittableRandom(20251123);
    int told = 0;
    for (int i = 0; i < 100; i++) {
      KernelSpec.Conv conv = PairedWeights.conv(random, pairs);
      Tensor weights = conv.weights().values().tensor();
      assertEquals(List.of(), Saturation.unsafeChannels(weights, U8, pairs));
      told += tellsOtherPairs(weights, pairs) ? 1 : 0;
    }
    assertTrue(told > 60, told + " of 100");
  }

  /// Whether sums over inputs of 255 are wrong where the second weight is added to the third, or
  /// the first to the third, or the other kind of neighbours.
  private static boolean tellsOtherPairs(Tensor weights, Pairs pairs) {
    int inner = (int) weights.shape().size(1);
    int perChannel = (int) (weights.elements() / weights.shape().size(0));
    int taps = perChannel / inner;
    int run = pairs == Pairs.NEIGHBOURS ? perChannel : inner;
    int other = pairs == Pairs.NEIGHBOURS ? inner : perChannel;
    boolean shifted = false;
    boolean apart = false;
    boolean otherRun = taps == 1 || inner % 2 == 0; // there the two are the same
    byte[] values = weights.toBytes();
    for (int start = 0; start < values.length; start += perChannel) {
      byte[] channel = new byte[perChannel];
      for (int i = 0; i < perChannel; i++) {
        channel[i] = values[start + i % inner * taps + i / inner];
      }
      shifted |= lost(channel, run, 1, 1) != 0;
      apart |= lost(channel, run, 0, 2) != 0;
      otherRun |= lost(channel, other, 0, 1) != 0;
      assertEquals(0, lost(channel, run, 0, 1));
    }
    return shifted && apart && otherRun;
  }

  /// What saturation takes from a sum over inputs of 255.
  private static int lost(byte[] channel, int run, int first, int distance) {
    int lost = 0;
    for (int from = 0; from < channel.length; from += run) {
      for (int i = from + first; i + distance < from + run; i += 2 * distance) {
        for (int j = i; j < Math.min(i + distance, from + run - distance); j++) {
          int sum = U8 * (channel[j] + channel[j + distance]);
          lost += sum - Math.clamp(sum, Short.MIN_VALUE, Short.MAX_VALUE);
        }
      }
    }
    return lost;
  }

  static List<Case> layers() {
    return Case.random(50, Specs::int8Conv).toList();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("layers")
  void splitWeightsAreSafe(Case c) {
    Tensor weights = ((KernelSpec.Conv) c.spec()).weights().values().tensor();
    assertEquals(
        List.of(), Saturation.unsafeChannels(Saturation.split(weights), U8, Pairs.ANY_TWO));
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
    return Saturation.unsafeChannels(
        tensor(values, 2, values.length / 2), largestInput, Pairs.ANY_TWO);
  }

  private static Tensor tensor(int[] values, long... sizes) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return Tensor.of(DataType.S8, bytes, sizes);
  }
}
