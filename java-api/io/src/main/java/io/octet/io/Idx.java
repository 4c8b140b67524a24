package io.octet.io;

import io.octet.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;

/// Arrays in the IDX format of MNIST and its kin, plain or gzipped. Numbers are big-endian; 16-bit
/// integers become 32-bit ones, double becomes float.
public final class Idx {
  private Idx() {}

  /// The whole array.
  ///
  /// @throws MalformedFileException if the file is no IDX file or is cut short
  public static Tensor read(Path file) throws IOException {
    try (IdxRows rows = Section.of(file).handTo(IdxRows::new)) {
      return rows.all();
    }
  }

  /// The array, a few rows at a time.
  public static Rows open(Path file) throws IOException {
    return Section.of(file).handTo(IdxRows::new);
  }

  /// The array of a file that is in memory already; `where` names it in errors.
  public static Rows open(byte[] file, String where) throws IOException {
    return Section.of(file, where).handTo(IdxRows::new);
  }
}
