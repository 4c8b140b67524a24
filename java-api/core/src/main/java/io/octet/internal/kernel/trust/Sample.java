package io.octet.internal.kernel.trust;

import io.octet.internal.kernel.Activation;
import java.util.SplittableRandom;
import java.util.stream.LongStream;

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

  private Sample() {}

  /// @param terms what one element costs
  static LongStream of(Activation y, long terms) {
    long[] sizes = y.shape().sizes();
    long count = Math.clamp(PRODUCTS / terms, LEAST, MOST);
    if (y.shape().elements() <= count) {
      return all(y);
    }
    SplittableRandom random = new SplittableRandom(SEED);
    return LongStream.concat(
            LongStream.range(0, CORNERS)
                .map(corner -> index(sizes, axis -> corner >> Math.min(axis, 2) & 1, random)),
            LongStream.range(CORNERS, count)
                .map(i -> index(sizes, axis -> random.nextInt(4), random)))
        .distinct();
  }

  static LongStream all(Activation y) {
    return LongStream.range(0, y.shape().elements());
  }

  /// Chooses a place along an axis, counted from the last: 0 for its first one, 1 for its last, any
  /// other number for whichever.
  private interface Place {
    long of(int axis);
  }

  private static long index(long[] sizes, Place place, SplittableRandom random) {
    long index = 0;
    for (int axis = 0; axis < sizes.length; axis++) {
      long size = sizes[axis];
      long at =
          switch ((int) place.of(sizes.length - 1 - axis)) {
            case 0 -> 0;
            case 1 -> size - 1;
            default -> random.nextLong(size);
          };
      index = index * size + at;
    }
    return index;
  }
}
