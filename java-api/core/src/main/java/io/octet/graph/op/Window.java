package io.octet.graph.op;

import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// A sliding window over the spatial axes of an image [N,C,...], as convolutions and pools use it.
/// Every list has one number for each of them, at least one.
///
/// @param kernel sizes of the window, at least 1
/// @param strides steps, at least 1
/// @param dilations pixels between two taps, 1 for a dense window
/// @param padsBefore pixels added before the image, at least 0
/// @param padsAfter pixels added behind it, at least 0
/// @param autoPad where not {@link AutoPad#NOTSET}, the pads follow from the input's size and the
///   given ones are 0
public record Window(
    List<Integer> kernel,
    List<Integer> strides,
    List<Integer> dilations,
    List<Integer> padsBefore,
    List<Integer> padsAfter,
    AutoPad autoPad) {
  /// Rows or columns of a padded image: with ceil_mode a last window may reach this far again.
  static final long LARGEST_IMAGE = 1L << 30;

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
    kernel = checked(kernel, kernel.size(), 1, "kernel");
    int axes = kernel.size();
    strides = checked(strides, axes, 1, "stride");
    dilations = checked(dilations, axes, 1, "dilation");
    padsBefore = checked(padsBefore, axes, 0, "padding");
    padsAfter = checked(padsAfter, axes, 0, "padding");
    if (autoPad != AutoPad.NOTSET && (isPadded(padsBefore) || isPadded(padsAfter))) {
      throw new IllegalArgumentException("auto_pad " + autoPad + " excludes explicit pads");
    }
  }

  private static List<Integer> checked(List<Integer> values, int axes, int least, String what) {
    if (axes == 0 || values.size() != axes) {
      throw new IllegalArgumentException(
          what + " has " + values.size() + " axes, the window " + axes);
    }
    for (int value : values) {
      if (value < least) {
        throw new IllegalArgumentException(
            what + " must be at least " + least + ", but is " + value);
      }
    }
    return List.copyOf(values);
  }

  private static boolean isPadded(List<Integer> pads) {
    return pads.stream().anyMatch(p -> p != 0);
  }

  /// A dense window of that size, stride 1, no padding.
  public static Window of(int... kernel) {
    List<Integer> ones = Collections.nCopies(kernel.length, 1);
    List<Integer> zeros = Collections.nCopies(kernel.length, 0);
    return new Window(list(kernel), ones, ones, zeros, zeros, AutoPad.NOTSET);
  }

  private static List<Integer> list(int... values) {
    return IntStream.of(values).boxed().toList();
  }

  /// This window with another step.
  public Window stride(int... steps) {
    return new Window(kernel, list(steps), dilations, padsBefore, padsAfter, autoPad);
  }

  /// This window with taps further apart.
  public Window dilation(int... steps) {
    return new Window(kernel, strides, list(steps), padsBefore, padsAfter, autoPad);
  }

  /// This window with explicit pads, in ONNX's order: before the image along each axis, then behind
  /// it (top, left, bottom, right).
  public Window pads(int... pads) {
    if (pads.length != 2 * axes()) {
      throw new IllegalArgumentException(pads.length + " pads for " + axes() + " axes");
    }
    List<Integer> all = list(pads);
    return new Window(
        kernel,
        strides,
        dilations,
        all.subList(0, axes()),
        all.subList(axes(), 2 * axes()),
        AutoPad.NOTSET);
  }

  /// This window with pads that follow from the input.
  public Window autoPad(AutoPad mode) {
    List<Integer> zeros = Collections.nCopies(axes(), 0);
    return new Window(kernel, strides, dilations, zeros, zeros, mode);
  }

  /// The window of a line as one over an image of a single row.
  public Window ofOneRow() {
    return new Window(
        before(1, kernel),
        before(1, strides),
        before(1, dilations),
        before(0, padsBefore),
        before(0, padsAfter),
        autoPad);
  }

  private static List<Integer> before(int first, List<Integer> others) {
    List<Integer> all = new ArrayList<>(List.of(first));
    all.addAll(others);
    return all;
  }

  /// How many spatial axes it slides along.
  public int axes() {
    return kernel.size();
  }

  /// How many taps it has.
  public long taps() {
    long taps = 1;
    for (int size : kernel) {
      taps = Math.multiplyExact(taps, size);
    }
    return taps;
  }

  /// Whether any pad is given.
  public boolean isPadded() {
    return isPadded(padsBefore) || isPadded(padsAfter);
  }

  /// Height of the window: its size along the last axis but one.
  public int kernelH() {
    return kernel.get(axes() - 2);
  }

  /// Width of the window.
  public int kernelW() {
    return kernel.getLast();
  }

  /// Vertical step.
  public int strideH() {
    return strides.get(axes() - 2);
  }

  /// Horizontal step.
  public int strideW() {
    return strides.getLast();
  }

  /// Rows between two taps.
  public int dilationH() {
    return dilations.get(axes() - 2);
  }

  /// Columns between two taps.
  public int dilationW() {
    return dilations.getLast();
  }

  /// Rows added above.
  public int padTop() {
    return padsBefore.get(axes() - 2);
  }

  /// Columns added on the left.
  public int padLeft() {
    return padsBefore.getLast();
  }

  /// Rows added below.
  public int padBottom() {
    return padsAfter.get(axes() - 2);
  }

  /// Columns added on the right.
  public int padRight() {
    return padsAfter.getLast();
  }

  /// Pixels that the dilated window covers along a spatial axis.
  public int extent(int axis) {
    return Math.addExact(Math.multiplyExact(kernel.get(axis) - 1, dilations.get(axis)), 1);
  }

  /// Rows that the dilated window covers.
  public int extentH() {
    return extent(axes() - 2);
  }

  /// Columns that the dilated window covers.
  public int extentW() {
    return extent(axes() - 1);
  }

  /// This window with {@link #autoPad()} resolved to explicit pads for an image of those spatial
  /// sizes.
  public Window resolve(long... sizes) {
    if (autoPad == AutoPad.NOTSET) {
      return this;
    }
    int[] pads = new int[2 * axes()];
    for (int axis = 0; axis < axes(); axis++) {
      int all = samePad(axis, sizes[axis]);
      pads[axis] = autoPad == AutoPad.SAME_LOWER ? all - all / 2 : all / 2;
      pads[axes() + axis] = all - pads[axis];
    }
    return pads(pads);
  }

  /// The same for the spatial axes of an image [N,C,...].
  public Window resolve(Shape image) {
    long[] sizes = new long[axes()];
    for (int axis = 0; axis < sizes.length; axis++) {
      sizes[axis] = image.size(2 + axis);
    }
    return resolve(sizes);
  }

  /// What `auto_pad` adds along an axis on both sides together.
  private int samePad(int axis, long size) {
    if (autoPad == AutoPad.VALID) {
      return 0;
    }
    int stride = strides.get(axis);
    long out = Math.ceilDiv(size, stride);
    return Math.toIntExact(Math.max(0, (out - 1) * stride + extent(axis) - size));
  }

  /// Size of the output along a spatial axis for an image of `size` pixels there; at most 0 where
  /// the window does not fit. The pads must be explicit.
  public long output(int axis, long size, boolean ceil) {
    return output(size, padsBefore.get(axis), padsAfter.get(axis), axis, ceil);
  }

  /// Rows of the output for an image of `height` rows, as {@link #output(int, long, boolean)}.
  public long outputH(long height, boolean ceil) {
    return output(axes() - 2, height, ceil);
  }

  /// Columns of the output for an image of `width` columns, as {@link #output(int, long, boolean)}.
  public long outputW(long width, boolean ceil) {
    return output(axes() - 1, width, ceil);
  }

  private long output(long in, int before, int after, int axis, boolean ceil) {
    int stride = strides.get(axis);
    long room = Math.addExact(in, (long) before + after - extent(axis));
    if (room < 0) {
      return 0;
    }
    long out = (ceil ? Math.ceilDiv(room, stride) : room / stride) + 1;
    // A last window of ceil_mode that would start in the padding after the image does not exist.
    return ceil && (out - 1) * stride >= in + before ? out - 1 : out;
  }

  /// The shape of image `x` with what this window makes of its spatial axes.
  ///
  /// @throws io.octet.OctetException.InvalidModel if it does not fit
  Shape slide(Operands in, Shape x, boolean ceil) {
    Shape y = x;
    for (int axis = 0; axis < axes(); axis++) {
      Dim out = slid(axis, x.dim(2 + axis), ceil);
      if (out.number().orElse(1) <= 0) {
        throw in.invalid("window " + this + " does not fit input " + x);
      }
      y = y.with(2 + axis, out);
    }
    requireRoom(in, x);
    return y;
  }

  private Dim slid(int axis, Dim in, boolean ceil) {
    int stride = strides.get(axis);
    if (in instanceof Dim.Fixed(long size)) {
      int all = autoPad == AutoPad.NOTSET ? 0 : samePad(axis, size);
      return autoPad == AutoPad.NOTSET
          ? Dim.of(output(axis, size, ceil))
          : Dim.of(output(size, 0, all, axis, ceil));
    }
    return switch (autoPad) {
      case SAME_UPPER, SAME_LOWER -> in.ceilDividedBy(stride);
      case NOTSET, VALID -> {
        Dim room = in.plus((long) padsBefore.get(axis) + padsAfter.get(axis) - extent(axis));
        yield (ceil ? room.ceilDividedBy(stride) : room.dividedBy(Dim.of(stride))).plus(1);
      }
    };
  }

  /// A window that fits is no larger than its padded image, so this bounds kernels, dilations and
  /// strides as well: whoever counts pixels in 32 bits, as some kernels do, cannot overflow.
  private void requireRoom(Operands in, Shape x) {
    for (int axis = 0; axis < axes(); axis++) {
      long size = x.dim(2 + axis) instanceof Dim.Fixed(long fixed) ? fixed : 1;
      long padded = Math.addExact(size, (long) padsBefore.get(axis) + padsAfter.get(axis));
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
  }

  /// "3x3 stride 2 pad 1,1,1,1".
  @Override
  public String toString() {
    StringBuilder s = new StringBuilder(joined("x", kernel));
    if (!areAll(1, strides)) {
      boolean one = areAll(strides.getFirst(), strides);
      s.append(" stride ").append(one ? "" + strides.getFirst() : joined(",", strides));
    }
    if (!areAll(1, dilations)) {
      s.append(" dilation ").append(joined(",", dilations));
    }
    if (autoPad != AutoPad.NOTSET) {
      s.append(' ').append(autoPad);
    } else if (isPadded()) {
      s.append(" pad ").append(joined(",", padsBefore)).append(',').append(joined(",", padsAfter));
    }
    return s.toString();
  }

  private static boolean areAll(int value, List<Integer> values) {
    return values.stream().allMatch(v -> v == value);
  }

  private static String joined(String by, List<Integer> values) {
    return values.stream().map(String::valueOf).collect(Collectors.joining(by));
  }
}
