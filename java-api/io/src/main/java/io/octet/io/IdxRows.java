package io.octet.io;

import io.octet.tensor.DataType;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Walks through an IDX array: two zero bytes, an element type, the number of axes, their sizes,
/// the numbers.
final class IdxRows implements Rows {
  private final Section section;
  private final Element element;
  private final Shape shape;
  private long position;

  IdxRows(Section section) throws IOException {
    this.section = section;
    byte[] magic = section.take(4, "an IDX header");
    if (magic[0] != 0 || magic[1] != 0) {
      throw new MalformedFileException(
          section.where(), "not an IDX file: it does not begin with two zero bytes");
    }
    this.element = element(magic[2]);
    this.shape = shape(magic[3] & 0xff);
    section.require(element.bytes(shape, section.where()), "an IDX array of shape " + shape);
  }

  private Element element(byte code) throws MalformedFileException {
    return switch (code) {
      case 0x08 -> Element.U8;
      case 0x09 -> Element.S8;
      case 0x0b -> Element.S16;
      case 0x0c -> Element.S32;
      case 0x0d -> Element.F32;
      case 0x0e -> Element.F64;
      default ->
          throw new MalformedFileException(
              section.where(), "no IDX file: element type 0x%02x".formatted(code));
    };
  }

  private Shape shape(int axes) throws IOException {
    if (axes == 0) {
      throw new MalformedFileException(section.where(), "no IDX file: it declares no axis");
    }
    ByteBuffer raw = ByteBuffer.wrap(section.take(4 * axes, "the sizes of " + axes + " axes"));
    long[] sizes = new long[axes];
    for (int axis = 0; axis < axes; axis++) {
      sizes[axis] = raw.getInt() & 0xffffffffL;
    }
    return Shape.of(sizes);
  }

  @Override
  public DataType type() {
    return element.type();
  }

  @Override
  public Shape shape() {
    return shape;
  }

  @Override
  public String where() {
    return section.where();
  }

  @Override
  public Tensor next(int count) throws IOException {
    if (position + count > count()) {
      throw new IllegalArgumentException(
          where() + " has " + (count() - position) + " rows left, but " + count + " were wanted");
    }
    position += count;
    Tensor rows = element.read(section, shape.with(0, new Dim.Fixed(count)), ByteOrder.BIG_ENDIAN);
    if (position == count()) {
      section.end();
    }
    return rows;
  }

  @Override
  public void close() throws IOException {
    section.close();
  }
}
