package io.octet.quant;

import io.octet.internal.ffi.DnnlIsa;
import io.octet.runtime.Session;
import java.util.Arrays;
import java.util.Random;

/// What dynamic layers answer in a process of its own, as a number, and the instruction set there.
final class DynamicUnderIsa {
  private DynamicUnderIsa() {}

  public static void main(String[] arguments) {
    System.out.println(digest());
    System.out.println(DnnlIsa.effective().text());
  }

  static int digest() {
    int digest = 1;
    Random random = new Random(5);
    try (Session session =
        Session.open(Quantizer.dynamic(DynamicQuantizationTest.net(), QConfig.auto()))) {
      for (int[] sizes : new int[][] {{1, 1}, {1, 7}, {3, 5}, {2, 33}}) {
        float[] y =
            DynamicQuantizationTest.run(
                session, DynamicQuantizationTest.tokens(random, sizes[0], sizes[1]));
        digest = 31 * digest + Arrays.hashCode(y);
      }
    }
    return digest;
  }
}
