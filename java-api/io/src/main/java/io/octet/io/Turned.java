package io.octet.io;

import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.io.IOException;

/// An array of images in the other layout.
///
/// @param rows as the file has them, four axes
/// @param layout theirs
record Turned(Rows rows, ImageLayout layout) implements Rows {
  @Override
  public DataType type() {
    return rows.type();
  }

  @Override
  public Shape shape() {
    return layout.turn(rows.shape());
  }

  @Override
  public String where() {
    return rows.where();
  }

  @Override
  public Tensor next(int count) throws IOException {
    return layout.turn(rows.next(count), where());
  }

  @Override
  public void close() throws IOException {
    rows.close();
  }
}
