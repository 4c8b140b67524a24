package io.octet.internal.kernel.jvm;

/// Walks over several axes, taken once, when a kernel is bound.
final class Strides {
  private Strides() {}

  /// The offset of each index over axes of `sizes`, last axis fastest, where a step along an axis
  /// skips as many elements as `steps` says.
  static long[] offsets(long[] sizes, long[] steps) {
    long[] offsets = {0};
    for (int axis = sizes.length - 1; axis >= 0; axis--) {
      int size = Math.toIntExact(sizes[axis]);
      long[] longer = new long[Math.multiplyExact(size, offsets.length)];
      for (int i = 0; i < longer.length; i++) {
        longer[i] = i / offsets.length * steps[axis] + offsets[i % offsets.length];
      }
      offsets = longer;
    }
    return offsets;
  }

  /// How many elements of a dense value of `sizes` a step along each of `rank` axes skips to which
  /// it is broadcast: axes are aligned at the last one, and one of size 1 is repeated.
  static long[] broadcast(long[] sizes, int rank) {
    long[] own = dense(sizes);
    long[] steps = new long[rank];
    for (int i = 0; i < own.length; i++) {
      steps[rank - own.length + i] = sizes[i] == 1 ? 0 : own[i];
    }
    return steps;
  }

  /// How many elements one step along each axis of a dense value skips.
  static long[] dense(long[] sizes) {
    long[] steps = new long[sizes.length];
    long step = 1;
    for (int axis = sizes.length - 1; axis >= 0; axis--) {
      steps[axis] = step;
      step *= sizes[axis];
    }
    return steps;
  }
}
