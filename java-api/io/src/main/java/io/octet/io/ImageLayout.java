package io.octet.io;

import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The order of axes in arrays of images. Models take channels before rows and columns.
public enum ImageLayout {
  /// `[N,C,H,W]`, as PyTorch and ONNX have it: taken as it is.
  NCHW,

  /// `[N,H,W,C]`, as image libraries and TensorFlow have it: transposed while it is read.
  NHWC;

  private static final int IMAGE_AXES = 4;

  /// Rows of that layout as `[N,C,H,W]`; they are closed with the result. Arrays of other than four
  /// axes are no images and stay as they are.
  public Rows toNchw(Rows rows) {
    return this == NHWC && rows.shape().rank() == IMAGE_AXES ? new ChannelsFirst(rows) : rows;
  }

  /// What to do about an array that does not fit an input; nothing where it is no matter of order.
  ///
  /// @param array the array's shape, samples first
  /// @param wanted the input's shape, samples first
  public static Optional<String> advice(Shape array, Shape wanted) {
    if (array.rank() != wanted.rank() || fits(array, wanted)) {
      return Optional.empty();
    }
    if (array.rank() == IMAGE_AXES && fits(ChannelsFirst.shape(array), wanted)) {
      return Optional.of(
          "it has its channels last: give --layout nhwc (ImageLayout.NHWC), or numpy's"
              + " transpose(0, 3, 1, 2)");
    }
    return sorted(array).equals(sorted(wanted))
        ? Optional.of(
            "it has the same sizes in another order: numpy's transpose gives the right one")
        : Optional.empty();
  }

  /// Whether every size but the number of samples is the wanted one, or free there.
  static boolean fits(Shape array, Shape wanted) {
    boolean fits = array.rank() == wanted.rank();
    for (int axis = 1; fits && axis < wanted.rank(); axis++) {
      fits = !(wanted.dim(axis) instanceof Dim.Fixed(long size)) || size == array.size(axis);
    }
    return fits;
  }

  private static List<String> sorted(Shape shape) {
    return shape.dims().stream().skip(1).map(Dim::toString).sorted().toList();
  }

  /// "nhwc".
  @Override
  public String toString() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }

  /// The layout of that name.
  ///
  /// @throws IllegalArgumentException if there is none
  public static ImageLayout named(String name) {
    return Arrays.stream(values())
        .filter(layout -> layout.toString().equals(name))
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("expected nchw or nhwc, but came \"" + name + "\""));
  }
}
