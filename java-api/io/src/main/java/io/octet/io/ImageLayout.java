package io.octet.io;

import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The order of axes in arrays of images, and in what a model takes.
public enum ImageLayout {
  /// `[N,C,H,W]`, as PyTorch and ONNX have it.
  NCHW,

  /// `[N,H,W,C]`, as image libraries and TensorFlow have it.
  NHWC;

  private static final int IMAGE_AXES = 4;

  /// More are features, not colours.
  private static final int MOST_COLOURS = 4;

  /// What one Java array holds.
  private static final long LARGEST = Integer.MAX_VALUE - 8L;

  /// How an input takes images: with their channels last where its last axis has 1 to 4 elements
  /// and the one behind the samples has not.
  ///
  /// @param input the input's shape, samples first
  public static ImageLayout of(Shape input) {
    boolean last = input.rank() == IMAGE_AXES && isColours(input.dim(3));
    return last && !isColours(input.dim(1)) ? NHWC : NCHW;
  }

  private static boolean isColours(Dim axis) {
    return axis instanceof Dim.Fixed(long size) && size >= 1 && size <= MOST_COLOURS;
  }

  /// The place of the channels among the four axes of an array of images.
  public int channelAxis() {
    return this == NCHW ? 1 : IMAGE_AXES - 1;
  }

  /// The place of the rows; the columns are the axis behind.
  public int heightAxis() {
    return this == NCHW ? 2 : 1;
  }

  /// Whether an array is one of images.
  static boolean isImages(Shape array) {
    return array.rank() == IMAGE_AXES;
  }

  /// Rows of this layout as that input takes them; they are closed with the result. Arrays of other
  /// than four axes are no images and stay as they are.
  ///
  /// @param input the input's shape, samples first
  public Rows turn(Rows rows, Shape input) {
    return isImages(rows.shape()) && of(input) != this ? new Turned(rows, this) : rows;
  }

  /// The same of an array in memory.
  ///
  /// @param where how errors name it
  public Tensor turn(Tensor images, Shape input, String where) {
    return isImages(images.shape()) && of(input) != this ? turn(images, where) : images;
  }

  /// The shape in the other layout.
  Shape turn(Shape images) {
    List<Integer> order = this == NCHW ? List.of(0, 2, 3, 1) : List.of(0, 3, 1, 2);
    return new Shape(order.stream().map(images::dim).toList());
  }

  /// The array in the other layout: within each image a matrix is transposed.
  Tensor turn(Tensor images, String where) {
    MemorySegment from = images.data();
    if (from.byteSize() > LARGEST) {
      throw new IllegalArgumentException(
          "%s: %s in one batch has %d bytes, but %d are the most: take smaller batches"
              .formatted(where, images, from.byteSize(), LARGEST));
    }
    MemorySegment to = MemorySegment.ofArray(new byte[(int) from.byteSize()]);
    Shape shape = images.shape();
    long channels = shape.size(channelAxis());
    long pixels = shape.size(heightAxis()) * shape.size(heightAxis() + 1);
    long inner = this == NCHW ? pixels : channels;
    long outer = this == NCHW ? channels : pixels;
    int width = images.type().bytes();
    long at = 0;
    for (long image = 0; image < shape.size(0); image++) {
      for (long i = 0; i < outer; i++) {
        for (long j = 0; j < inner; j++) {
          long target = (image * inner + j) * outer + i;
          MemorySegment.copy(from, at++ * width, to, target * width, width);
        }
      }
    }
    return Tensor.wrap(images.type(), turn(shape), to);
  }

  /// What to do about an array that does not fit an input; nothing where it is no matter of order.
  ///
  /// @param array the array's shape, samples first
  /// @param wanted the input's shape, samples first
  public static Optional<String> advice(Shape array, Shape wanted) {
    if (array.rank() != wanted.rank() || fits(array, wanted)) {
      return Optional.empty();
    }
    if (isImages(array)) {
      if (of(wanted) == NCHW && fits(NHWC.turn(array), wanted)) {
        return Optional.of(
            "it has its channels last: give --layout nhwc (ImageLayout.NHWC), or numpy's"
                + " transpose(0, 3, 1, 2)");
      }
      if (of(wanted) == NHWC && fits(NCHW.turn(array), wanted)) {
        return Optional.of(
            "it has its channels first: give --layout nchw (ImageLayout.NCHW), or numpy's"
                + " transpose(0, 2, 3, 1)");
      }
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
