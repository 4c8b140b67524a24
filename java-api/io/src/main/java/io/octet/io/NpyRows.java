package io.octet.io;

import io.octet.tensor.DataType;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.Arrays;

/// Walks through an npy array. In C order its rows follow each other in the file. In Fortran order
/// each row lies scattered over all of it: its numbers are gathered where they are, so that no more
/// than the wanted rows is on the heap.
final class NpyRows implements Rows {
  private final Section section;
  private final NpyHeader header;
  private final long bytes;
  private MemorySegment columns;
  private long position;

  NpyRows(Section section) throws IOException {
    this.section = section;
    this.header = NpyHeader.read(section);
    this.bytes = header.element().bytes(shape(), section.where());
    section.require(bytes, header.element().describe(shape()));
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

  /// A single number too.
  @Override
  public Tensor all() throws IOException {
    return shape().rank() == 0 ? read(shape()) : Rows.super.all();
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
    Shape rows = shape().with(0, new Dim.Fixed(count));
    Tensor next = scattered() ? gather(position, rows) : read(rows);
    position += count;
    return next;
  }

  /// With one axis at most, both orders are the same.
  private boolean scattered() {
    return header.fortran() && shape().rank() > 1;
  }

  private Tensor read(Shape shape) throws IOException {
    return header.element().read(section, shape, ByteOrder.LITTLE_ENDIAN);
  }

  /// Rows from `first` on. The file holds a column of numbers for each place within a row.
  private Tensor gather(long first, Shape rows) throws IOException {
    Element element = header.element();
    MemorySegment target = element.allocate(rows, where());
    if (target.byteSize() == 0) {
      return Tensor.wrap(type(), rows, target);
    }
    if (columns == null) {
      columns = section.spread(bytes, element.describe(shape()));
    }
    long height = shape().size(0);
    long count = rows.size(0);
    Places places = new Places(shape());
    for (long column = 0; column < places.count(); column++) {
      long place = places.next();
      for (long row = 0; row < count; row++) {
        long at = (column * height + first + row) * element.bytes();
        element.convert(
            columns, at, ByteOrder.LITTLE_ENDIAN, target, row * places.count() + place, where());
      }
    }
    return Tensor.wrap(type(), rows, target);
  }

  /// The places of a row's numbers in C order, in the order in which the file holds them: the axis
  /// after the first is the fastest.
  private static final class Places {
    private final long[] sizes;
    private final long[] strides;
    private final long[] index;
    private long place;

    Places(Shape shape) {
      this.sizes = Arrays.copyOfRange(shape.sizes(), 1, shape.rank());
      this.index = new long[sizes.length];
      this.strides = new long[sizes.length];
      long stride = 1;
      for (int axis = sizes.length - 1; axis >= 0; axis--) {
        strides[axis] = stride;
        stride *= sizes[axis];
      }
    }

    long count() {
      return sizes[0] * strides[0];
    }

    long next() {
      long now = place;
      for (int axis = 0; axis < sizes.length; axis++) {
        place += strides[axis];
        if (++index[axis] < sizes[axis]) {
          break;
        }
        place -= strides[axis] * sizes[axis];
        index[axis] = 0;
      }
      return now;
    }
  }

  @Override
  public void close() throws IOException {
    section.close();
  }
}
