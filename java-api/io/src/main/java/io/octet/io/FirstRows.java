package io.octet.io;

import io.octet.tensor.DataType;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.io.IOException;

/// The beginning of an array.
record FirstRows(Rows rows, long count) implements Rows {
  FirstRows {
    if (count < 0 || count > rows.count()) {
      throw new IllegalArgumentException(
          rows.where() + " has " + rows.count() + " rows, but the first " + count + " were wanted");
    }
  }

  @Override
  public DataType type() {
    return rows.type();
  }

  @Override
  public Shape shape() {
    return rows.shape().with(0, new Dim.Fixed(count));
  }

  @Override
  public String where() {
    return rows.where();
  }

  @Override
  public Tensor next(int wanted) throws IOException {
    return rows.next(wanted);
  }

  @Override
  public void close() throws IOException {
    rows.close();
  }
}
