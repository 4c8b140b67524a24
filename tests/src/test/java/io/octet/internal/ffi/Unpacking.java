package io.octet.internal.ffi;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// Jars of one file for the tests of what is unpacked from them.
final class Unpacking {
  private static final FileTime REPRODUCIBLE = FileTime.from(Instant.parse("2025-01-01T00:00:00Z"));

  private Unpacking() {}

  /// A jar with that entry, its time that of every reproducible build.
  static Path jar(Path file, String entry, byte[] content) throws IOException {
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      ZipEntry header = new ZipEntry(entry);
      header.setLastModifiedTime(REPRODUCIBLE);
      zip.putNextEntry(header);
      zip.write(content);
      zip.closeEntry();
    }
    return file;
  }

  /// The libraries of a jar with that one file.
  static Bundle bundle(Path jar, String entry) throws IOException {
    Resource resource = Resource.of(URI.create("jar:" + jar.toUri() + "!/" + entry).toURL());
    return new Bundle("lib", java.util.List.of(new Bundle.Item(entry, resource)));
  }
}
