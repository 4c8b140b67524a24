package io.octet.io;

import io.octet.tensor.DataType;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;

/// Walks through an npy array. In C order its rows follow each other in the file; an array in
/// Fortran order is read whole at the first call.
final class NpyRows implements Rows {
  private final Section section;
  private final NpyHeader header;
  private Tensor transposed;
  private long position;

  NpyRows(Section section) throws IOException {
    this.section = section;
    this.header = NpyHeader.read(section);
  }

  @Override
  public DataType type() {
    return header.element().type();
  }

  @Override
  public Shape shape() {
    return header.shape();
  }

  @Override
  public String where() {
    return section.where();
  }

  /// The whole array, from its beginning.
  Tensor all() throws IOException {
    return header.fortran() ? transpose() : read(header.shape());
  }

  @Override
  public Tensor next(int count) throws IOException {
    if (shape().rank() == 0) {
      throw new MalformedFileException(
          where(), "a single number, but an array whose first axis counts samples was expected");
    }
    if (position + count > count()) {
      throw new IllegalArgumentException(
          where() + " has " + (count() - position) + " rows left, but " + count + " were wanted");
    }
    position += count;
    Shape rows = shape().with(0, new Dim.Fixed(count));
    if (!header.fortran()) {
      return read(rows);
    }
    if (transposed == null) {
      transposed = transpose();
    }
    long bytes = rows.elements() * type().bytes();
    long first = (position - count) * (count == 0 ? 0 : bytes / count);
    MemorySegment copy = MemorySegment.ofArray(new byte[Math.toIntExact(bytes)]);
    return Tensor.wrap(type(), rows, copy.copyFrom(transposed.data().asSlice(first, bytes)));
  }

  private Tensor read(Shape shape) throws IOException {
    return header.element().read(section, shape, ByteOrder.LITTLE_ENDIAN);
  }

  /// Fortran order is C order with the axes turned round.
  private Tensor transpose() throws IOException {
    long[] sizes = shape().sizes();
    Tensor columns = read(shape());
    MemorySegment rows =
        MemorySegment.ofArray(new byte[Math.toIntExact(columns.data().byteSize())]);
    int width = type().bytes();
    long[] strides = new long[sizes.length];
    long stride = 1;
    for (int axis = 0; axis < sizes.length; axis++) {
      strides[axis] = stride;
      stride *= sizes[axis];
    }
    long[] index = new long[sizes.length];
    long from = 0;
    for (long to = 0; to < columns.elements(); to++) {
      MemorySegment.copy(columns.data(), from * width, rows, to * width, width);
      for (int axis = sizes.length - 1; axis >= 0; axis--) {
        from += strides[axis];
        if (++index[axis] < sizes[axis]) {
          break;
        }
        from -= strides[axis] * sizes[axis];
        index[axis] = 0;
      }
    }
    return Tensor.wrap(type(), shape(), rows);
  }

  @Override
  public void close() throws IOException {
    section.close();
  }
}
