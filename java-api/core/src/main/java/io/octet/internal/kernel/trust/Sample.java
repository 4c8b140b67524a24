package io.octet.internal.kernel.trust;

import io.octet.internal.kernel.TensorDesc;
import java.util.SplittableRandom;

/// Which elements of an output are compared, by their logical index: first the corners (each axis
/// at its first or last place), then others, a good half of whose coordinates are first or last,
/// too.
final class Sample {
  private static final long SEED = 42;

  /// As many products as all elements together may cost.
  private static final long PRODUCTS = 1 << 13;

  /// Of an image; the first and the last image go with the first and the last channel.
  private static final int CORNERS = 8;

  private static final int LEAST = 12;
  private static final int MOST = 128;

  private final long[] sizes;
  private final SplittableRandom random = new SplittableRandom(SEED);

  private Sample(TensorDesc y) {
    this.sizes = y.shape().sizes();
  }

  /// Some elements, a few of them twice.
  ///
  /// @param terms what one element costs
  static long[] of(TensorDesc y, long terms) {
    long most = Math.clamp(PRODUCTS / terms, LEAST, MOST);
    boolean all = y.shape().elements() <= most;
    long[] chosen = new long[(int) (all ? y.shape().elements() : most)];
    Sample sample = new Sample(y);
    for (int i = 0; i < chosen.length; i++) {
      chosen[i] = all ? i : i < CORNERS ? sample.corner(i) : sample.anywhere();
    }
    return chosen;
  }

  private long corner(int corner) {
    long index = 0;
    for (int axis = 0; axis < sizes.length; axis++) {
      boolean last = (corner >> Math.min(sizes.length - 1 - axis, 2) & 1) == 1;
      index = index * sizes[axis] + (last ? sizes[axis] - 1 : 0);
    }
    return index;
  }

  private long anywhere() {
    long index = 0;
    for (long size : sizes) {
      int where = random.nextInt(4);
      index = index * size + (where == 0 ? 0 : where == 1 ? size - 1 : random.nextLong(size));
    }
    return index;
  }
}
