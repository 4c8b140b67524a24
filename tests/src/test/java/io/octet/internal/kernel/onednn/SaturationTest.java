package io.octet.internal.kernel.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.octet.tensor.DataType;
import io.octet.tensor.Tensor;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SaturationTest {
  @Test
  void aPairOfWeightsInOneChannelDecides() {
    assertEquals(false, Saturation.possible(weights(64, 64, 64, 64)));
    assertEquals(true, Saturation.possible(weights(64, 65, 64, 64)));
    assertEquals(false, Saturation.possible(weights(127, 0, 0, 127)));
    assertEquals(false, Saturation.possible(weights(127, -127, 1, -1)));
    assertEquals(false, Saturation.possible(weights(-64, -64, -128, 0)));
    assertEquals(true, Saturation.possible(weights(-64, -65, 0, 0)));
  }

  @Test
  void everyPairOfAChannelIsTried() {
    SplittableRandom random = new SplittableRandom();
    for (int n = 0; n < 2_000; n++) {
      int[] values = random.ints(4, -128, 128).toArray();
      assertEquals(
          pairSaturates(values[0], values[1]) || pairSaturates(values[2], values[3]),
          Saturation.possible(weights(values)));
    }
  }

  private static boolean pairSaturates(int a, int b) {
    int most = 255 * (Math.max(a, 0) + Math.max(b, 0));
    int least = 255 * (Math.min(a, 0) + Math.min(b, 0));
    return most > Short.MAX_VALUE || least < Short.MIN_VALUE;
  }

  /// Two output channels of two weights.
  private static Tensor weights(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return Tensor.of(DataType.S8, bytes, 2, values.length / 2);
  }
}
