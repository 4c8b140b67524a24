package io.octet.io;

import io.octet.internal.file.AtomicFile;
import io.octet.tensor.Tensor;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/// Named arrays in numpy's `.npz` format: a zip of npy files, stored or deflated.
public final class Npz {
  private static final String SUFFIX = ".npy";

  /// The same arrays give the same bytes at any hour.
  private static final LocalDateTime ZIP_EPOCH = LocalDateTime.of(1980, 1, 1, 0, 0);

  private Npz() {}

  /// Every array by its name, in the file's order.
  ///
  /// @throws MalformedFileException if the file is no zip, a member is no npy file, or one is cut
  ///   short
  public static Map<String, Tensor> read(Path file) throws IOException {
    Map<String, Tensor> arrays = new LinkedHashMap<>();
    try (ZipFile zip = zip(file)) {
      for (ZipEntry member : Collections.list(zip.entries())) {
        try (NpyRows rows = Section.of(zip, member).handTo(NpyRows::new)) {
          put(arrays, name(file, member), rows.all(), rows.where());
        }
      }
    }
    return arrays;
  }

  /// Every array by its name, each to be read a few rows at a time. They may be read in turns; the
  /// file is closed with the last of them.
  public static Map<String, Rows> open(Path file) throws IOException {
    Map<String, Rows> arrays = new LinkedHashMap<>();
    ZipFile zip = zip(file);
    AtomicInteger open = new AtomicInteger(zip.size());
    boolean complete = false;
    try {
      for (ZipEntry member : Collections.list(zip.entries())) {
        NpyRows rows = Section.of(zip, member).handTo(NpyRows::new);
        put(arrays, name(file, member), new ZippedRows(rows, zip, open), rows.where());
      }
      complete = !arrays.isEmpty();
    } finally {
      if (!complete) {
        zip.close();
      }
    }
    if (!complete) {
      throw new MalformedFileException(file.toString(), "an npz file without any array");
    }
    return arrays;
  }

  /// Writes the arrays, deflated, under their names.
  public static void write(Path file, Map<String, Tensor> arrays) throws IOException {
    AtomicFile.write(
        file,
        out -> {
          try (ZipOutputStream zip = new ZipOutputStream(out)) {
            for (Map.Entry<String, Tensor> array : arrays.entrySet()) {
              ZipEntry member = new ZipEntry(array.getKey() + SUFFIX);
              member.setTimeLocal(ZIP_EPOCH);
              zip.putNextEntry(member);
              Npy.write(zip, array.getValue());
              zip.closeEntry();
            }
          }
        });
  }

  private static ZipFile zip(Path file) throws IOException {
    ZipLayout.check(file);
    try {
      return new ZipFile(file.toFile());
    } catch (ZipException | EOFException e) {
      throw new MalformedFileException(
          file.toString(), "not an npz file, or cut short: " + e.getMessage(), e);
    }
  }

  private static String name(Path file, ZipEntry member) throws MalformedFileException {
    String name = member.getName();
    if (!name.endsWith(SUFFIX)) {
      throw new MalformedFileException(
          file.toString(), "member \"" + name + "\" is no .npy array, so this is no npz file");
    }
    return name.substring(0, name.length() - SUFFIX.length());
  }

  private static <T> void put(Map<String, T> arrays, String name, T array, String where)
      throws MalformedFileException {
    if (arrays.put(name, array) != null) {
      throw new MalformedFileException(where, "there are two arrays of this name");
    }
  }
}
