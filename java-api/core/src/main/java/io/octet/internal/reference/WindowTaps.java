package io.octet.internal.reference;

import io.octet.graph.op.Window;
import io.octet.tensor.Shape;
import java.util.Arrays;

/// The taps of a window, with explicit pads, that lie inside the image at one place after the
/// other. A window may have far more than there are pixels: those outside are not visited.
final class WindowTaps {
  private final Window window;
  private final long[] sizes;
  private final long[] start;
  private final long[] first;
  private final long[] end;
  private final long[] at;
  private long tap;
  private long pixel;

  /// @param image [N,C,...], along whose spatial axes the window slides
  WindowTaps(Window window, Shape image) {
    this.window = window;
    int axes = window.axes();
    this.sizes = Arrays.copyOfRange(image.sizes(), 2, 2 + axes);
    this.start = new long[axes];
    this.first = new long[axes];
    this.end = new long[axes];
    this.at = new long[axes];
  }

  /// Pixels of an image.
  long pixels() {
    return Arrays.stream(sizes).reduce(1, Math::multiplyExact);
  }

  /// Begins anew where the window stands at place `place`, counted row-major over the places of
  /// `places` [N,C,...].
  void begin(long place, Shape places) {
    for (int axis = sizes.length - 1; axis >= 0; axis--) {
      long size = places.size(2 + axis);
      start[axis] = place % size * window.strides().get(axis) - window.padsBefore().get(axis);
      place /= size;
      first[axis] = before(axis, 0);
      end[axis] = before(axis, sizes[axis]);
      at[axis] = first[axis];
    }
    at[sizes.length - 1]--;
  }

  /// How many taps lie before `position`.
  private long before(int axis, long position) {
    long count = Math.ceilDiv(position - start[axis], window.dilations().get(axis));
    return Math.clamp(count, 0L, window.kernel().get(axis));
  }

  /// How many taps lie in the image.
  long inside() {
    long inside = 1;
    for (int axis = 0; axis < sizes.length; axis++) {
      inside *= Math.max(0, end[axis] - first[axis]);
    }
    return inside;
  }

  /// How many taps lie in the image or in the explicit padding around it.
  long padded() {
    long padded = 1;
    for (int axis = 0; axis < sizes.length; axis++) {
      padded *= before(axis, sizes[axis] + window.padsAfter().get(axis));
    }
    return padded;
  }

  /// Moves to the next tap; false where there is none.
  boolean next() {
    int axis = sizes.length - 1;
    if (inside() == 0) {
      return false;
    }
    while (++at[axis] == end[axis]) {
      at[axis] = first[axis];
      if (axis-- == 0) {
        return false;
      }
    }
    tap = 0;
    pixel = 0;
    for (int i = 0; i < sizes.length; i++) {
      tap = tap * window.kernel().get(i) + at[i];
      pixel = pixel * sizes[i] + start[i] + at[i] * window.dilations().get(i);
    }
    return true;
  }

  /// Which tap of the window it is, counted row-major.
  long tap() {
    return tap;
  }

  /// Which pixel of an image lies under it, counted row-major.
  long pixel() {
    return pixel;
  }

  /// The same pixel, counted with the first spatial axis innermost.
  long columnMajorPixel() {
    long place = 0;
    for (int i = sizes.length - 1; i >= 0; i--) {
      place = place * sizes[i] + start[i] + at[i] * window.dilations().get(i);
    }
    return place;
  }
}
