package io.octet.internal.kernel.reference;

/// numpy's broadcasting: shapes are aligned at their last axis, and an axis of size 1, or none, is
/// repeated.
final class Broadcast {
  private Broadcast() {}

  /// The logical index in an operand of shape `from` that stands at logical index `index` of the
  /// result.
  static long index(long[] from, long[] result, long index) {
    long at = 0;
    long stride = 1;
    for (int i = from.length - 1; i >= 0; i--) {
      long size = result[i + result.length - from.length];
      if (from[i] != 1) {
        at += index % size * stride;
      }
      index /= size;
      stride *= from[i];
    }
    return at;
  }
}
