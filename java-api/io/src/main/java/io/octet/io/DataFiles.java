package io.octet.io;

import io.octet.tensor.DataType;
import io.octet.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/// Opens a file of arrays whatever its kind: npz, npy, or IDX, plain or gzipped. Its first bytes
/// tell, not its name.
public final class DataFiles {
  private DataFiles() {}

  /// Every array in the file, each to be read a few rows at a time. A file of one array gives it
  /// the file's own name.
  ///
  /// @throws MalformedFileException if the file is of none of these kinds, or damaged
  public static Map<String, Rows> open(Path file) throws IOException {
    return switch (Kind.of(file)) {
      case NPY -> Map.of(name(file), Npy.open(file));
      case NPZ -> Npz.open(file);
      case IDX -> Map.of(name(file), Idx.open(file));
    };
  }

  /// Every array in the file, whole and in memory. A file of one array gives it the file's own
  /// name.
  ///
  /// @throws MalformedFileException if the file is of none of these kinds, or damaged
  public static Map<String, Tensor> read(Path file) throws IOException {
    Map<String, Rows> arrays = open(file);
    try {
      Map<String, Tensor> whole = new LinkedHashMap<>();
      for (Map.Entry<String, Rows> array : arrays.entrySet()) {
        whole.put(array.getKey(), array.getValue().all());
      }
      return whole;
    } finally {
      close(arrays);
    }
  }

  static void close(Map<String, Rows> arrays) throws IOException {
    for (Rows array : arrays.values()) {
      array.close();
    }
  }

  /// The class of each sample, from a file with one array of integers.
  ///
  /// @throws IllegalArgumentException if it holds several arrays, floats, or more than one number
  ///   for each sample
  public static int[] labels(Path file) throws IOException {
    Map<String, Rows> arrays = open(file);
    try {
      if (arrays.size() != 1) {
        throw new IllegalArgumentException(
            file + ": labels are one array, but there are " + arrays.keySet());
      }
      return labels(arrays.values().iterator().next());
    } finally {
      close(arrays);
    }
  }

  /// The class of each sample, from an array of integers.
  public static int[] labels(Rows rows) throws IOException {
    if (rows.type() == DataType.F32 || rows.shape().rank() == 0) {
      throw new IllegalArgumentException(
          rows.where()
              + ": labels are integers, one for each sample, but the array is "
              + rows.type()
              + rows.shape());
    }
    if (rows.count() == 0 || rows.shape().elements() != rows.count()) {
      throw new IllegalArgumentException(
          rows.where()
              + ": expected one label for each sample, but the array has shape "
              + rows.shape());
    }
    Tensor all = rows.all();
    int[] labels = new int[(int) rows.count()];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = label(all.getInteger(i), i, rows);
    }
    return labels;
  }

  private static int label(long value, int sample, Rows rows) {
    if (value != (int) value) {
      throw new IllegalArgumentException(
          "%s: the label of sample %d is %d, which is no class"
              .formatted(rows.where(), sample, value));
    }
    return (int) value;
  }

  private static String name(Path file) {
    return file.getFileName().toString();
  }

  private enum Kind {
    NPY,
    NPZ,
    IDX;

    static Kind of(Path file) throws IOException {
      if (Files.isDirectory(file)) {
        throw new MalformedFileException(file.toString(), "a folder, but a file was expected");
      }
      if (Files.exists(file) && !Files.isRegularFile(file)) {
        throw new MalformedFileException(
            file.toString(), "a pipe or a device, but arrays are read from plain files");
      }
      byte[] first;
      try (InputStream in = Files.newInputStream(file)) {
        first = in.readNBytes(8);
      }
      if (NpyHeader.isMagic(first)) {
        return NPY;
      }
      if (startsWith(first, 'P', 'K')) {
        return NPZ;
      }
      if (startsWith(first, 0, 0) || startsWith(first, 0x1f, 0x8b)) {
        return IDX;
      }
      throw new MalformedFileException(
          file.toString(), "neither npz nor npy nor IDX (gzipped or not), by its first bytes");
    }

    private static boolean startsWith(byte[] first, int a, int b) {
      return first.length >= 2 && first[0] == (byte) a && first[1] == (byte) b;
    }
  }
}
