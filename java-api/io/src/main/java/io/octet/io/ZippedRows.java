package io.octet.io;

import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.io.IOException;
import java.util.zip.ZipFile;

/// One array of an npz: closing it closes the zip that it reads from.
record ZippedRows(NpyRows rows, ZipFile zip) implements Rows {
  @Override
  public DataType type() {
    return rows.type();
  }

  @Override
  public Shape shape() {
    return rows.shape();
  }

  @Override
  public String where() {
    return rows.where();
  }

  @Override
  public Tensor next(int count) throws IOException {
    return rows.next(count);
  }

  @Override
  public void close() throws IOException {
    rows.close();
    zip.close();
  }
}
