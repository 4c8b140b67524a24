package io.octet.internal.kernel.onednn;

import io.octet.tensor.Tensor;

/// What weights alone say about int8 sums. An instruction set without VNNI adds two products in 16
/// bits, saturating, before it widens.
final class Saturation {
  private static final int LARGEST_ACTIVATION = 255;

  private Saturation() {}

  /// Whether any two weights of one output channel, next to each other in some packing, could
  /// saturate with u8 activations: `255 * (w1 + w2)` beyond 16 bits.
  static boolean possible(Tensor weights) {
    long perChannel = weights.elements() / Math.max(1, weights.shape().size(0));
    for (long start = 0; start < weights.elements(); start += perChannel) {
      if (possible(weights, start, perChannel)) {
        return true;
      }
    }
    return false;
  }

  /// The largest absolute sum of one output channel over any u8 activations.
  static long largestSum(Tensor weights) {
    long perChannel = weights.elements() / Math.max(1, weights.shape().size(0));
    long largest = 0;
    for (long start = 0; start < weights.elements(); start += perChannel) {
      long positive = 0;
      long negative = 0;
      for (long i = start; i < start + perChannel; i++) {
        long w = weights.getInteger(i);
        positive += Math.max(0, w);
        negative -= Math.min(0, w);
      }
      largest = Math.max(largest, Math.max(positive, negative));
    }
    return largest * LARGEST_ACTIVATION;
  }

  private static boolean possible(Tensor weights, long start, long count) {
    int largest = 0;
    int second = 0;
    int smallest = 0;
    int nextSmallest = 0;
    for (long i = start; i < start + count; i++) {
      int w = (int) weights.getInteger(i);
      if (w > largest) {
        second = largest;
        largest = w;
      } else {
        second = Math.max(second, w);
      }
      if (w < smallest) {
        nextSmallest = smallest;
        smallest = w;
      } else {
        nextSmallest = Math.min(nextSmallest, w);
      }
    }
    return LARGEST_ACTIVATION * (largest + second) > Short.MAX_VALUE
        || LARGEST_ACTIVATION * (smallest + nextSmallest) < Short.MIN_VALUE;
  }
}
