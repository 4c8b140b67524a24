package io.octet.internal.kernel;

import io.octet.tensor.Shape;
import java.util.Arrays;

/// In which order the elements of a value lie in memory. Shapes are logical everywhere: an image is
/// [N,C,H,W] in either layout.
public enum Layout {
  /// Outermost axis first, as the shape says.
  ROW_MAJOR,
  /// [N,C,...] of three axes or more with the channels innermost: N, ..., C.
  CHANNELS_LAST;

  /// Whether a value of that shape has the same order in both layouts: one channel, or one pixel.
  public static boolean agreeOn(Shape shape) {
    if (shape.rank() < 3) {
      return false;
    }
    long pixels = 1;
    for (int axis = 2; axis < shape.rank(); axis++) {
      pixels *= shape.size(axis);
    }
    return shape.size(1) == 1 || pixels == 1;
  }

  /// The axes of a value of that rank by where they lie in memory, outermost first.
  public int[] axes(int rank) {
    int[] axes = new int[rank];
    for (int i = 0; i < rank; i++) {
      axes[i] = this == ROW_MAJOR || i == 0 ? i : i == rank - 1 ? 1 : i + 1;
    }
    return axes;
  }

  /// The sizes of a value of that shape, outermost in memory first.
  public long[] inMemory(Shape shape) {
    return Arrays.stream(axes(shape.rank())).mapToLong(shape::size).toArray();
  }
}
