package io.octet.graph.op;

import io.octet.tensor.Dim;
import io.octet.tensor.Shape;

/// A sliding window over the two spatial axes of an NCHW image, as convolutions and pools use it.
///
/// @param kernelH height of the window, at least 1
/// @param kernelW width of the window, at least 1
/// @param strideH vertical step, at least 1
/// @param strideW horizontal step, at least 1
/// @param dilationH rows between two taps, 1 for a dense window
/// @param dilationW columns between two taps, 1 for a dense window
/// @param padTop rows added above, at least 0
/// @param padLeft columns added on the left, at least 0
/// @param padBottom rows added below, at least 0
/// @param padRight columns added on the right, at least 0
/// @param autoPad where not {@link AutoPad#NOTSET}, the four pads follow from the input's size and
///   the given ones are 0
public record Window(
    int kernelH,
    int kernelW,
    int strideH,
    int strideW,
    int dilationH,
    int dilationW,
    int padTop,
    int padLeft,
    int padBottom,
    int padRight,
    AutoPad autoPad) {
  /// Rows or columns of a padded image: with ceil_mode a last window may reach this far again.
  private static final long LARGEST_IMAGE = 1L << 30;

  /// ONNX's `auto_pad`.
  public enum AutoPad {
    /// The pads are those given.
    NOTSET,
    /// No padding.
    VALID,
    /// Output size = ceil(input / stride); an odd pad goes to the end.
    SAME_UPPER,
    /// Output size = ceil(input / stride); an odd pad goes to the beginning.
    SAME_LOWER
  }

  /// Refuses sizes that no window has.
  public Window {
    requireAtLeast(1, "kernel", kernelH, kernelW);
    requireAtLeast(1, "stride", strideH, strideW);
    requireAtLeast(1, "dilation", dilationH, dilationW);
    requireAtLeast(0, "padding", padTop, padLeft, padBottom, padRight);
    if (autoPad != AutoPad.NOTSET && (padTop | padLeft | padBottom | padRight) != 0) {
      throw new IllegalArgumentException("auto_pad " + autoPad + " excludes explicit pads");
    }
  }

  /// A dense window of `kernelH` x `kernelW`, stride 1, no padding.
  public static Window of(int kernelH, int kernelW) {
    return new Window(kernelH, kernelW, 1, 1, 1, 1, 0, 0, 0, 0, AutoPad.NOTSET);
  }

  /// This window with another step.
  public Window stride(int h, int w) {
    return new Window(
        kernelH, kernelW, h, w, dilationH, dilationW, padTop, padLeft, padBottom, padRight,
        autoPad);
  }

  /// This window with taps further apart.
  public Window dilation(int h, int w) {
    return new Window(
        kernelH, kernelW, strideH, strideW, h, w, padTop, padLeft, padBottom, padRight, autoPad);
  }

  /// This window with explicit pads.
  public Window pads(int top, int left, int bottom, int right) {
    return new Window(
        kernelH,
        kernelW,
        strideH,
        strideW,
        dilationH,
        dilationW,
        top,
        left,
        bottom,
        right,
        AutoPad.NOTSET);
  }

  /// This window with pads that follow from the input.
  public Window autoPad(AutoPad mode) {
    return new Window(kernelH, kernelW, strideH, strideW, dilationH, dilationW, 0, 0, 0, 0, mode);
  }

  /// Rows that the dilated window covers.
  public int extentH() {
    return Math.addExact(Math.multiplyExact(kernelH - 1, dilationH), 1);
  }

  /// Columns that the dilated window covers.
  public int extentW() {
    return Math.addExact(Math.multiplyExact(kernelW - 1, dilationW), 1);
  }

  /// This window with {@link #autoPad()} resolved to explicit pads for an image of `height` x
  /// `width`.
  public Window resolve(long height, long width) {
    return switch (autoPad) {
      case NOTSET -> this;
      case VALID -> pads(0, 0, 0, 0);
      case SAME_UPPER, SAME_LOWER -> {
        int h = samePad(height, strideH, extentH());
        int w = samePad(width, strideW, extentW());
        boolean upper = autoPad == AutoPad.SAME_UPPER;
        int top = upper ? h / 2 : h - h / 2;
        int left = upper ? w / 2 : w - w / 2;
        yield pads(top, left, h - top, w - left);
      }
    };
  }

  /// Rows of the output for an image of `height` rows; at most 0 where the window does not fit. The
  /// pads must be explicit.
  public long outputH(long height, boolean ceil) {
    return output(height, padTop, padBottom, strideH, extentH(), ceil);
  }

  /// Columns of the output for an image of `width` columns; at most 0 where the window does not
  /// fit. The pads must be explicit.
  public long outputW(long width, boolean ceil) {
    return output(width, padLeft, padRight, strideW, extentW(), ceil);
  }

  /// The shape of image `x` with what this window makes of its two spatial axes.
  ///
  /// @throws io.octet.OctetException.InvalidModel if it does not fit
  Shape slide(Operands in, Shape x, boolean ceil) {
    Dim h = rows(x.dim(2), ceil);
    Dim w = columns(x.dim(3), ceil);
    if (h.number().orElse(1) <= 0 || w.number().orElse(1) <= 0) {
      throw in.invalid("window " + this + " does not fit input " + x);
    }
    requireRoom(in, x.dim(2), padTop, padBottom);
    requireRoom(in, x.dim(3), padLeft, padRight);
    return x.with(2, h).with(3, w);
  }

  private Dim rows(Dim in, boolean ceil) {
    return in instanceof Dim.Fixed(long size)
        ? Dim.of(resolve(size, 1).outputH(size, ceil))
        : slid(in, strideH, (long) padTop + padBottom - extentH(), ceil);
  }

  private Dim columns(Dim in, boolean ceil) {
    return in instanceof Dim.Fixed(long size)
        ? Dim.of(resolve(1, size).outputW(size, ceil))
        : slid(in, strideW, (long) padLeft + padRight - extentW(), ceil);
  }

  /// @param grown what pads add and the window takes
  private Dim slid(Dim in, int stride, long grown, boolean ceil) {
    return switch (autoPad) {
      case SAME_UPPER, SAME_LOWER -> in.ceilDividedBy(stride);
      case NOTSET, VALID -> {
        Dim room = in.plus(grown);
        yield (ceil ? room.ceilDividedBy(stride) : room.dividedBy(Dim.of(stride))).plus(1);
      }
    };
  }

  /// A window that fits is no larger than its padded image, so this bounds kernels, dilations and
  /// strides as well: whoever counts pixels in 32 bits, as some kernels do, cannot overflow.
  private void requireRoom(Operands in, Dim dim, int before, int after) {
    long size = dim instanceof Dim.Fixed(long fixed) ? fixed : 1;
    long padded = Math.addExact(size, (long) before + after);
    if (padded > LARGEST_IMAGE) {
      throw in.unsupported(
          "window "
              + this
              + " pads "
              + size
              + " pixels to "
              + padded
              + ", at most "
              + LARGEST_IMAGE
              + " are supported");
    }
  }

  private static long output(long in, int before, int after, int stride, int extent, boolean ceil) {
    long room = Math.addExact(in, (long) before + after - extent);
    if (room < 0) {
      return 0;
    }
    long out = (ceil ? Math.ceilDiv(room, stride) : room / stride) + 1;
    // A last window of ceil_mode that would start in the padding after the image does not exist.
    return ceil && (out - 1) * stride >= in + before ? out - 1 : out;
  }

  private static int samePad(long in, int stride, int extent) {
    long out = Math.ceilDiv(in, stride);
    return Math.toIntExact(Math.max(0, (out - 1) * stride + extent - in));
  }

  private static void requireAtLeast(int least, String what, int... values) {
    for (int value : values) {
      if (value < least) {
        throw new IllegalArgumentException(
            what + " must be at least " + least + ", but is " + value);
      }
    }
  }

  /// "3x3 stride 2 pad 1,1,1,1".
  @Override
  public String toString() {
    StringBuilder s = new StringBuilder(kernelH + "x" + kernelW);
    if (strideH != 1 || strideW != 1) {
      s.append(" stride ").append(strideH == strideW ? "" + strideH : strideH + "," + strideW);
    }
    if (dilationH != 1 || dilationW != 1) {
      s.append(" dilation ").append(dilationH).append(',').append(dilationW);
    }
    if (autoPad != AutoPad.NOTSET) {
      s.append(' ').append(autoPad);
    } else if ((padTop | padLeft | padBottom | padRight) != 0) {
      s.append(" pad ").append(padTop).append(',').append(padLeft).append(',');
      s.append(padBottom).append(',').append(padRight);
    }
    return s.toString();
  }
}
