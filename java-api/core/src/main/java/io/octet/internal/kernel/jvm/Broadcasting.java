package io.octet.internal.kernel.jvm;

import java.util.Arrays;

/// numpy's broadcasting of two dense values, as runs: the longest stretches of the result along
/// which each operand either proceeds with it or stands still.
///
/// @param inner length of a run in the result
/// @param aProceeds whether a run has `inner` elements of a, not one
/// @param bProceeds whether a run has `inner` elements of b, not one
/// @param a where each run starts in a
/// @param b where each run starts in b
record Broadcasting(long inner, boolean aProceeds, boolean bProceeds, long[] a, long[] b) {
  /// @param a sizes of an operand, outermost in memory first
  /// @param b sizes of the other
  /// @param result sizes of what they broadcast to
  static Broadcasting of(long[] a, long[] b, long[] result) {
    long[] wideA = widen(a, result.length);
    long[] wideB = widen(b, result.length);
    long inner = 1;
    int axis = result.length - 1;
    boolean aProceeds = false;
    boolean bProceeds = false;
    for (; axis >= 0; axis--) {
      if (result[axis] == 1) {
        continue;
      }
      boolean aMoves = wideA[axis] != 1;
      boolean bMoves = wideB[axis] != 1;
      if (inner > 1 && (aMoves != aProceeds || bMoves != bProceeds)) {
        break;
      }
      aProceeds = aMoves;
      bProceeds = bMoves;
      inner *= result[axis];
    }
    return new Broadcasting(
        inner,
        aProceeds,
        bProceeds,
        starts(wideA, result, axis + 1),
        starts(wideB, result, axis + 1));
  }

  private static long[] widen(long[] sizes, int rank) {
    long[] wide = new long[rank];
    Arrays.fill(wide, 1);
    System.arraycopy(sizes, 0, wide, rank - sizes.length, sizes.length);
    return wide;
  }

  /// Where the operand's elements begin for each index over the outer `axes` axes of the result.
  private static long[] starts(long[] operand, long[] result, int axes) {
    long[] steps = Strides.dense(operand);
    for (int i = 0; i < axes; i++) {
      steps[i] = operand[i] == 1 ? 0 : steps[i];
    }
    return Strides.offsets(Arrays.copyOf(result, axes), steps);
  }

  /// How many runs in a row may be computed as one: over all of them one operand proceeds with the
  /// result, and the other begins anew; 1 where that is nowhere so.
  ///
  /// @param most elements of them, at most
  int together(int most) {
    if (!aProceeds || !bProceeds || inner * 2 > most || runs() < 2) {
      return 1;
    }
    long[] standing = a[1] == a[0] ? a : b;
    long[] moving = standing == a ? b : a;
    int period = 1;
    while (period < runs() && standing[period] == standing[0]) {
      period++;
    }
    for (int r = 0; r < runs(); r++) {
      boolean regular = moving[r] == r * inner && standing[r] == standing[r - r % period];
      if (!regular) {
        return 1;
      }
    }
    int count = (int) Math.min(period, most / inner);
    while (period % count != 0) {
      count--;
    }
    return count;
  }

  /// Number of runs.
  int runs() {
    return a.length;
  }
}
