package io.octet.internal.kernel.jvm;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Copies what lies at some strides to where it lies at others, bit for bit: slices, pieces, what
/// is broadcast or tiled, blocks of pixels. Axes are said when it is bound, or again in each run,
/// and joined then where neighbours stay neighbours; a copy allocates nothing.
final class Strided {
  static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
  static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
  static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

  /// Shorter runs are copied element by element, and a longer axis is sought to run along.
  private static final long SHORT_RUN = 8;

  private final int width;
  private final long[] sizes;
  private final long[] stepsX;
  private final long[] stepsY;
  private final long[] index;
  private int axes;
  private boolean empty;

  /// @param most how many axes there are at most
  /// @param width bytes of an element
  Strided(int most, int width) {
    this.width = width;
    sizes = new long[most + 1];
    stepsX = new long[most + 1];
    stepsY = new long[most + 1];
    index = new long[most + 1];
  }

  /// Forgets all axes.
  void clear() {
    axes = 0;
    empty = false;
  }

  /// A further axis, inside those before it.
  ///
  /// @param inX elements that a step along it skips
  /// @param inY the same of what is written
  void axis(long size, long inX, long inY) {
    empty |= size == 0;
    if (size == 1) {
      return;
    }
    int last = axes - 1;
    if (last >= 0 && stepsX[last] == size * inX && stepsY[last] == size * inY) {
      sizes[last] *= size;
      stepsX[last] = inX;
      stepsY[last] = inY;
      return;
    }
    sizes[axes] = size;
    stepsX[axes] = inX;
    stepsY[axes] = inY;
    axes++;
  }

  /// Copies the array that begins at elements `fromX` and `fromY`.
  void copy(MemorySegment x, long fromX, MemorySegment y, long fromY) {
    if (empty) {
      return;
    }
    int inner = inner();
    long atX = fromX;
    long atY = fromY;
    while (true) {
      if (inner < 0) {
        run(x, atX, 1, y, atY, 1, 1);
      } else {
        run(x, atX, stepsX[inner], y, atY, stepsY[inner], sizes[inner]);
      }
      int axis = axes - 1;
      for (; axis >= 0; axis--) {
        if (axis == inner) {
          continue;
        }
        atX += stepsX[axis];
        atY += stepsY[axis];
        if (++index[axis] < sizes[axis]) {
          break;
        }
        atX -= stepsX[axis] * sizes[axis];
        atY -= stepsY[axis] * sizes[axis];
        index[axis] = 0;
      }
      if (axis < 0) {
        return;
      }
    }
  }

  /// The axis to run along: the last one, unless that is short and another is longer.
  private int inner() {
    int best = axes - 1;
    for (int axis = axes - 2; axis >= 0 && sizes[best] < SHORT_RUN; axis--) {
      boolean near = stepsX[axis] == 1 || stepsY[axis] == 1;
      best = near && sizes[axis] > sizes[best] ? axis : best;
    }
    return best;
  }

  private void run(
      MemorySegment x, long atX, long inX, MemorySegment y, long atY, long inY, long size) {
    if (inX == 1 && inY == 1 && size >= SHORT_RUN) {
      MemorySegment.copy(x, atX * width, y, atY * width, size * width);
      return;
    }
    switch (width) {
      case 1 -> bytes(x, atX, inX, y, atY, inY, size);
      case 2 -> {
        for (long i = 0; i < size; i++) {
          y.setAtIndex(SHORT, atY + i * inY, x.getAtIndex(SHORT, atX + i * inX));
        }
      }
      case 4 -> ints(x, atX, inX, y, atY, inY, size);
      default -> {
        for (long i = 0; i < size; i++) {
          y.setAtIndex(LONG, atY + i * inY, x.getAtIndex(LONG, atX + i * inX));
        }
      }
    }
  }

  /// A pair of steps as one number, or -1 for those that no loop is made for: along steps that
  /// stand in the code, and counted by an int, a loop needs no checks.
  private static int form(long inX, long inY, long size) {
    boolean small = inX >= 0 && inX <= 2 && inY >= 1 && inY <= 4 && size <= Integer.MAX_VALUE;
    return small ? (int) (10 * inX + inY) : -1;
  }

  private static void ints(
      MemorySegment x, long atX, long inX, MemorySegment y, long atY, long inY, long size) {
    switch (form(inX, inY, size)) {
      case 1 -> ints(x, atX, 0, y, atY, 1, (int) size);
      case 11 -> ints(x, atX, 1, y, atY, 1, (int) size);
      case 12 -> ints(x, atX, 1, y, atY, 2, (int) size);
      case 13 -> ints(x, atX, 1, y, atY, 3, (int) size);
      case 14 -> ints(x, atX, 1, y, atY, 4, (int) size);
      case 21 -> ints(x, atX, 2, y, atY, 1, (int) size);
      default -> {
        for (long i = 0; i < size; i++) {
          y.setAtIndex(INT, atY + i * inY, x.getAtIndex(INT, atX + i * inX));
        }
      }
    }
  }

  private static void ints(
      MemorySegment x, long atX, int inX, MemorySegment y, long atY, int inY, int size) {
    for (int i = 0; i < size; i++) {
      y.setAtIndex(INT, atY + (long) inY * i, x.getAtIndex(INT, atX + (long) inX * i));
    }
  }

  private static void bytes(
      MemorySegment x, long atX, long inX, MemorySegment y, long atY, long inY, long size) {
    switch (form(inX, inY, size)) {
      case 1 -> bytes(x, atX, 0, y, atY, 1, (int) size);
      case 11 -> bytes(x, atX, 1, y, atY, 1, (int) size);
      case 12 -> bytes(x, atX, 1, y, atY, 2, (int) size);
      case 13 -> bytes(x, atX, 1, y, atY, 3, (int) size);
      case 14 -> bytes(x, atX, 1, y, atY, 4, (int) size);
      case 21 -> bytes(x, atX, 2, y, atY, 1, (int) size);
      default -> {
        for (long i = 0; i < size; i++) {
          y.set(BYTE, atY + i * inY, x.get(BYTE, atX + i * inX));
        }
      }
    }
  }

  private static void bytes(
      MemorySegment x, long atX, int inX, MemorySegment y, long atY, int inY, int size) {
    for (int i = 0; i < size; i++) {
      y.set(BYTE, atY + (long) inY * i, x.get(BYTE, atX + (long) inX * i));
    }
  }
}
