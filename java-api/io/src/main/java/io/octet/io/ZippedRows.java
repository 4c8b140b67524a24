package io.octet.io;

import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.ZipFile;

/// One array of an npz. The zip is closed with the last of its arrays.
final class ZippedRows implements Rows {
  private final NpyRows rows;
  private final ZipFile zip;
  private final AtomicInteger open;
  private boolean closed;

  /// @param open how many arrays of that zip are open
  ZippedRows(NpyRows rows, ZipFile zip, AtomicInteger open) {
    this.rows = rows;
    this.zip = zip;
    this.open = open;
  }

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

  /// A single number too.
  @Override
  public Tensor all() throws IOException {
    return rows.all();
  }

  @Override
  public void close() throws IOException {
    if (!closed) {
      closed = true;
      rows.close();
      if (open.decrementAndGet() == 0) {
        zip.close();
      }
    }
  }
}
