package io.octet.internal.ffi;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;

/// A file in a jar, known by its content.
///
/// @param crc CRC-32 of the content: a jar's index has it, so that asking costs no reading
record Resource(URL url, long size, long crc) {
  /// What lies there. The content is read where there is no jar to ask, as in a run-time image.
  static Resource of(URL url) throws IOException {
    if (uncached(url) instanceof JarURLConnection connection) {
      try (JarFile jar = connection.getJarFile()) {
        JarEntry entry = jar.getJarEntry(connection.getEntryName());
        if (entry != null && entry.getSize() >= 0 && entry.getCrc() >= 0) {
          return new Resource(url, entry.getSize(), entry.getCrc());
        }
      }
    }
    try (CheckedInputStream in = new CheckedInputStream(open(url), new CRC32())) {
      long size = in.skip(Long.MAX_VALUE);
      return new Resource(url, size, in.getChecksum().getValue());
    }
  }

  InputStream open() throws IOException {
    return open(url);
  }

  private static InputStream open(URL url) throws IOException {
    return uncached(url).getInputStream();
  }

  /// A jar that stayed open in the JVM's cache could not be replaced on Windows, and would be read
  /// by its old index elsewhere.
  private static URLConnection uncached(URL url) throws IOException {
    URLConnection connection = url.openConnection();
    connection.setUseCaches(false);
    return connection;
  }
}
