package io.octet.io;

import io.octet.graph.op.ValueInfo;
import io.octet.tensor.DataType;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/// Turns rows of a file into what one input of a model takes. Checked once, when the file is
/// opened: 8-bit pixels become floats, integers another width if their values fit. Arrays keep the
/// order of their numbers: axes of 1 may be missing or too many, and neighbouring axes may be one
/// (a flattened image); the same sizes in another order are refused. Sizes that fit are taken as
/// they are, so images of as many rows and columns as channels are taken for `[N,C,H,W]`.
///
/// An input without an axis for samples (a single number, a state of `[2,1,64]`) takes one whole
/// array for each sample, or one for all.
final class InputFit {
  /// How samples lie in what the input takes.
  enum Part {
    /// Along its first axis.
    ROWS,
    /// Each is all of it, so one runs at a time.
    WHOLE,
    /// There is one array, and every run takes it.
    SHARED
  }

  /// What one Java array holds.
  private static final long LARGEST = Integer.MAX_VALUE - 8L;

  private final ValueInfo input;
  private final String where;
  private final Shape sample;
  private final Optional<Pixels> pixels;
  private final Part part;

  /// @param input what the model takes
  /// @param rows what the file has
  /// @param pixels how 8-bit values become floats; empty where the caller did not say
  /// @throws IllegalArgumentException if these rows cannot be given to that input
  InputFit(ValueInfo input, Rows rows, Optional<Pixels> pixels) {
    this.input = input;
    this.where = rows.where();
    this.pixels = pixels;
    Optional<Shape> row = row(rows.shape());
    this.part = row.isPresent() ? Part.ROWS : Part.WHOLE;
    this.sample = row.orElseGet(() -> whole(rows.shape()));
    requireType(rows.type());
  }

  private InputFit(ValueInfo input, Rows rows) {
    this.input = input;
    this.where = rows.where();
    this.pixels = Optional.empty();
    this.part = Part.SHARED;
    this.sample = input.shape();
    requireType(rows.type());
  }

  /// The input takes all of an array, whatever the sample.
  ///
  /// @param rows what the file has, of the input's own shape
  static InputFit shared(ValueInfo input, Rows rows) {
    return new InputFit(input, rows);
  }

  /// Whether an array is just what an input of fixed size takes.
  static boolean isAll(ValueInfo input, Shape array) {
    return input.shape().isConcrete() && input.shape().equals(array);
  }

  /// The shape of one sample, the first axis left out; empty where the array has no such rows.
  private Optional<Shape> row(Shape array) {
    Shape wanted = input.shape();
    if (array.rank() < 1) {
      throw refusal(array, "its first axis must count the samples");
    }
    Shape row = tail(array);
    if (row.dims().contains(new Dim.Fixed(0))) {
      throw refusal(array, "a sample of it has no numbers");
    }
    if (wanted.rank() < 1) {
      return Optional.empty();
    }
    if (ImageLayout.fits(array, wanted)) {
      return Optional.of(row);
    }
    Shape slot = tail(wanted);
    return slot.isConcrete() && sameOrder(row, slot) ? Optional.of(slot) : withChannel(row, wanted);
  }

  /// What is left of `[50,2,1,64]` for an input of `[2,1,64]`.
  private Shape whole(Shape array) {
    Shape wanted = input.shape();
    Shape row = tail(array);
    boolean fits = row.rank() == wanted.rank();
    for (int axis = 0; fits && axis < wanted.rank(); axis++) {
      fits = !(wanted.dim(axis) instanceof Dim.Fixed(long size)) || size == row.size(axis);
    }
    if (!fits) {
      throw refusal(array, ImageLayout.advice(array, wanted).orElse("the sizes differ"));
    }
    return row;
  }

  /// Whether the one shape becomes the other where neighbouring axes are joined and axes of 1 are
  /// left out: then the numbers stand in one order.
  private static boolean sameOrder(Shape one, Shape other) {
    long[] a = LongStream.of(one.sizes()).filter(size -> size != 1).toArray();
    long[] b = LongStream.of(other.sizes()).filter(size -> size != 1).toArray();
    return joins(a, b) || joins(b, a);
  }

  /// Whether neighbours of `fine` multiply to `coarse`.
  private static boolean joins(long[] fine, long[] coarse) {
    int next = 0;
    for (long size : coarse) {
      long product = 1;
      while (next < fine.length && product < size && fine[next] <= size / product) {
        product *= fine[next++];
      }
      if (product != size) {
        return false;
      }
    }
    return next == fine.length;
  }

  /// `[28,28]` as `[1,28,28]` or `[28,28,1]`, where the input's height and width are free.
  private static Optional<Shape> withChannel(Shape row, Shape wanted) {
    List<Dim> dims = new ArrayList<>(row.dims());
    dims.add(ImageLayout.of(wanted) == ImageLayout.NCHW ? 0 : row.rank(), new Dim.Fixed(1));
    Shape channelled = new Shape(dims);
    dims.addFirst(new Dim.Fixed(1)); // the samples, which are not looked at
    return ImageLayout.fits(new Shape(dims), wanted) ? Optional.of(channelled) : Optional.empty();
  }

  private static Shape tail(Shape shape) {
    return new Shape(shape.dims().subList(1, shape.rank()));
  }

  /// Refuses batches that no Java array, or not all of this process's memory, can hold.
  void requireSize(long samples) {
    long each = sample.elements();
    long most = Math.min(LARGEST, Runtime.getRuntime().maxMemory() / input.type().bytes()) / each;
    if (samples > most) {
      throw new IllegalArgumentException(
          where
              + ": a batch of "
              + samples
              + " samples "
              + sample
              + " for input \""
              + input.name()
              + "\" is more than this process can hold: take a batch of 1 to "
              + most);
    }
  }

  private void requireType(DataType came) {
    DataType wanted = input.type();
    boolean integers = !came.isFloat() && !wanted.isFloat();
    boolean pixelsToFloat = came == DataType.U8 && wanted == DataType.F32;
    if (came != wanted && !integers && !pixelsToFloat) {
      throw new IllegalArgumentException(
          where
              + ": input \""
              + input.name()
              + "\" takes "
              + wanted
              + ", but the array is "
              + came
              + "; convert it with numpy's astype");
    }
    if (pixels.isPresent() && wanted == DataType.F32 && !pixelsToFloat) {
      throw new IllegalArgumentException(
          where + ": mean and std are for 8-bit pixels, but the array is " + came);
    }
  }

  private IllegalArgumentException refusal(Shape array, String problem) {
    return new IllegalArgumentException(
        where
            + ": input \""
            + input.name()
            + "\" takes "
            + input.shape()
            + ", but the array has shape "
            + array
            + ": "
            + problem);
  }

  /// Those rows as the input takes them.
  ///
  /// @param first which sample of the file the first of them is
  /// @throws IllegalArgumentException if a sample holds what the input cannot take
  Tensor apply(Tensor rows, long first) {
    long samples = part == Part.ROWS ? rows.shape().size(0) : 1;
    return convert(rows.reshape(shape(samples)), first);
  }

  /// How samples lie in what the input takes.
  Part part() {
    return part;
  }

  /// How errors name the input, such as `"state" [2,1,64]`.
  String describe() {
    return "\"" + input.name() + "\" " + input.shape();
  }

  /// Refuses NaN. Single infinities may be meant, as in masks; a sample of nothing else says
  /// nothing.
  ///
  /// @param batch what {@link #apply} gave
  void requireNumbers(Tensor batch, long first) {
    if (batch.type() != DataType.F32) {
      return;
    }
    long each = sample.elements();
    long finite = 0;
    for (long i = 0; i < batch.elements(); i++) {
      float value = batch.getFloat(i);
      finite += Float.isFinite(value) ? 1 : 0;
      if (Float.isNaN(value)) {
        throw refusal(first + i / each, "has NaN as element " + i % each);
      }
      if ((i + 1) % each == 0) {
        if (finite == 0) {
          throw refusal(first + i / each, "has no finite value, its first is " + value);
        }
        finite = 0;
      }
    }
  }

  private IllegalArgumentException refusal(long row, String problem) {
    return new IllegalArgumentException(
        "%s: sample %d of input \"%s\" %s".formatted(where, row, input.name(), problem));
  }

  /// The input's shape for `samples` rows.
  Shape shape(long samples) {
    if (part != Part.ROWS) {
      return sample;
    }
    List<Dim> dims = new ArrayList<>(sample.dims());
    dims.addFirst(new Dim.Fixed(samples));
    return new Shape(dims);
  }

  private Tensor convert(Tensor rows, long first) {
    if (rows.type() == input.type()) {
      return rows;
    }
    if (input.type() == DataType.F32) {
      Shape shape = rows.shape();
      float[] floats = normalized(rows, shape);
      return Tensor.of(floats, shape.sizes());
    }
    return integers(rows, first);
  }

  private float[] normalized(Tensor rows, Shape shape) {
    ImageLayout layout = ImageLayout.of(input.shape());
    boolean images = ImageLayout.isImages(shape);
    int channels = images ? Math.toIntExact(shape.size(layout.channelAxis())) : 1;
    long planes = Math.max(1, shape.rank() == 0 ? 1 : shape.size(0) * channels);
    boolean last = images && layout == ImageLayout.NHWC;
    int plane = last ? 1 : Math.toIntExact(Math.max(1, rows.elements() / planes));
    return pixels.orElse(Pixels.UNIT).normalize(rows, channels, plane);
  }

  private Tensor integers(Tensor rows, long first) {
    long[] sizes = rows.shape().sizes();
    int n = Math.toIntExact(rows.elements());
    long[] values = new long[n];
    for (int i = 0; i < n; i++) {
      values[i] = inRange(rows.getInteger(i), first + i / sample.elements());
    }
    return switch (input.type()) {
      case S64 -> Tensor.of(values, sizes);
      case S32 -> {
        int[] ints = new int[n];
        Arrays.setAll(ints, i -> (int) values[i]);
        yield Tensor.of(ints, sizes);
      }
      case U8, S8, BOOL -> {
        byte[] bytes = new byte[n];
        for (int i = 0; i < n; i++) {
          bytes[i] = (byte) values[i];
        }
        yield Tensor.of(input.type(), bytes, sizes);
      }
      case F32, F16, BF16, F64 -> throw new AssertionError("checked when the file was opened");
    };
  }

  private long inRange(long value, long row) {
    if (value < input.type().min() || value > input.type().max()) {
      throw refusal(row, "has " + value + ", which " + input.type() + " cannot hold");
    }
    return value;
  }
}
