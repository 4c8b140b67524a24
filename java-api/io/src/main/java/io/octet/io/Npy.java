package io.octet.io;

import io.octet.internal.file.AtomicFile;
import io.octet.tensor.DataType;
import io.octet.tensor.Tensor;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/// One array in numpy's `.npy` format, versions 1 to 3, little-endian, in C or Fortran order. Half
/// and double become float when read.
public final class Npy {
  private static final int CHUNK = 1 << 16;

  private Npy() {}

  /// The whole array, in memory of its own.
  ///
  /// @throws MalformedFileException if the file is no npy file, is cut short, or holds elements
  ///   other than f2, f4, f8, i1, u1, i2, i4, i8
  public static Tensor read(Path file) throws IOException {
    try (NpyRows rows = Section.of(file).handTo(NpyRows::new)) {
      return rows.all();
    }
  }

  /// The array of a file that is in memory already; `where` names it in errors.
  public static Tensor read(byte[] file, String where) throws IOException {
    try (NpyRows rows = Section.of(file, where).handTo(NpyRows::new)) {
      return rows.all();
    }
  }

  /// The array, a few rows at a time.
  public static Rows open(Path file) throws IOException {
    return Section.of(file).handTo(NpyRows::new);
  }

  /// Writes version 1.0 in C order: numpy, and everything that reads its files, reads it.
  public static void write(Path file, Tensor array) throws IOException {
    AtomicFile.write(file, out -> write(out, array));
  }

  static void write(OutputStream out, Tensor array) throws IOException {
    out.write(new NpyHeader(element(array.type()), false, array.shape()).bytes());
    MemorySegment data = array.data();
    byte[] chunk = new byte[(int) Math.min(CHUNK, data.byteSize())];
    for (long done = 0; done < data.byteSize(); done += chunk.length) {
      int n = (int) Math.min(chunk.length, data.byteSize() - done);
      MemorySegment.copy(data, done, MemorySegment.ofArray(chunk), 0, n);
      out.write(chunk, 0, n);
    }
  }

  private static Element element(DataType type) {
    return switch (type) {
      case F32 -> Element.F32;
      case U8 -> Element.U8;
      case S8 -> Element.S8;
      case S32 -> Element.S32;
      case S64 -> Element.S64;
      case BOOL -> Element.BOOL;
      case F16 -> Element.F16;
      case F64 -> Element.F64;
      case BF16 -> throw new IllegalArgumentException("npy has no bf16");
    };
  }
}
