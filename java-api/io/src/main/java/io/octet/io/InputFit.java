package io.octet.io;

import io.octet.graph.ValueInfo;
import io.octet.tensor.DataType;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Turns rows of a file into what one input of a model takes. Checked once, when the file is
/// opened: 8-bit pixels become floats, integers another width if their values fit, and images
/// without a channel axis get one.
final class InputFit {
  private final ValueInfo input;
  private final String where;
  private final Shape sample;
  private final Optional<Pixels> pixels;

  /// @param input what the model takes
  /// @param rows what the file has
  /// @param pixels how 8-bit values become floats; empty where the caller did not say
  /// @throws IllegalArgumentException if these rows cannot be given to that input
  InputFit(ValueInfo input, Rows rows, Optional<Pixels> pixels) {
    this.input = input;
    this.where = rows.where();
    this.pixels = pixels;
    this.sample = sample(rows.shape());
    requireType(rows.type());
  }

  /// The shape of one sample, the first axis left out.
  private Shape sample(Shape array) {
    Shape wanted = input.shape();
    if (array.rank() < 1 || wanted.rank() < 1) {
      throw refusal(array, "its first axis must count the samples");
    }
    Shape row = tail(array);
    Shape slot = tail(wanted);
    if (fits(row, slot)) {
      return row;
    }
    if (slot.isConcrete() && slot.elements() == row.elements()) {
      return slot;
    }
    Optional<Shape> channelled = withChannel(row, slot);
    return channelled.orElseThrow(() -> refusal(array, "the sizes differ"));
  }

  /// `[28,28]` as `[1,28,28]`, where the input's height and width are free.
  private static Optional<Shape> withChannel(Shape row, Shape slot) {
    List<Dim> dims = new ArrayList<>(row.dims());
    dims.addFirst(new Dim.Fixed(1));
    Shape channelled = new Shape(dims);
    return fits(channelled, slot) ? Optional.of(channelled) : Optional.empty();
  }

  private static boolean fits(Shape concrete, Shape slot) {
    if (concrete.rank() != slot.rank()) {
      return false;
    }
    for (int axis = 0; axis < slot.rank(); axis++) {
      if (slot.dim(axis) instanceof Dim.Fixed(long size) && size != concrete.size(axis)) {
        return false;
      }
    }
    return true;
  }

  private static Shape tail(Shape shape) {
    return new Shape(shape.dims().subList(1, shape.rank()));
  }

  private void requireType(DataType came) {
    DataType wanted = input.type();
    boolean integers = came != DataType.F32 && wanted != DataType.F32;
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
  Tensor apply(Tensor rows) {
    return convert(rows.reshape(shape(rows.shape().size(0))));
  }

  /// The input's shape for `samples` rows.
  Shape shape(long samples) {
    List<Dim> dims = new ArrayList<>(sample.dims());
    dims.addFirst(new Dim.Fixed(samples));
    return new Shape(dims);
  }

  private Tensor convert(Tensor rows) {
    if (rows.type() == input.type()) {
      return rows;
    }
    if (input.type() == DataType.F32) {
      Shape shape = rows.shape();
      int channels = shape.rank() == 4 ? Math.toIntExact(shape.size(1)) : 1;
      long planes = Math.max(1, shape.size(0) * channels);
      int plane = Math.toIntExact(Math.max(1, rows.elements() / planes));
      float[] floats = pixels.orElse(Pixels.UNIT).normalize(rows, channels, plane);
      return Tensor.of(floats, shape.sizes());
    }
    return integers(rows);
  }

  private Tensor integers(Tensor rows) {
    long[] sizes = rows.shape().sizes();
    int n = Math.toIntExact(rows.elements());
    long[] values = new long[n];
    for (int i = 0; i < n; i++) {
      values[i] = inRange(rows.getInteger(i));
    }
    return switch (input.type()) {
      case S64 -> Tensor.of(values, sizes);
      case S32 -> {
        int[] ints = new int[n];
        java.util.Arrays.setAll(ints, i -> (int) values[i]);
        yield Tensor.of(ints, sizes);
      }
      case U8, S8 -> {
        byte[] bytes = new byte[n];
        for (int i = 0; i < n; i++) {
          bytes[i] = (byte) values[i];
        }
        yield Tensor.of(input.type(), bytes, sizes);
      }
      case F32 -> throw new AssertionError("checked when the file was opened");
    };
  }

  private long inRange(long value) {
    if (value < input.type().min() || value > input.type().max()) {
      throw new IllegalArgumentException(
          where
              + ": "
              + value
              + " does not fit input \""
              + input.name()
              + "\", which takes "
              + input.type());
    }
    return value;
  }
}
