package io.octet.internal.ffi;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.zip.CRC32;

/// A folder of libraries that were unpacked from jars, shared by all processes that may write
/// there. A file appears under its name only when it is whole, so nobody waits for anybody.
record LibraryCache(Path root) {
  /// The time of a file whose content was checked: whoever writes to it changes that.
  private static final FileTime CHECKED = FileTime.from(Instant.parse("2001-01-01T00:00:00Z"));

  private static final String UNFINISHED = ".part";
  private static final Duration ABANDONED = Duration.ofHours(1);

  /// The file of that name with the jar's content, unpacked now where it is not there.
  ///
  /// @throws IOException where it cannot be unpacked here
  Path file(Bundle bundle, String name) throws IOException {
    Resource resource = bundle.resource(name);
    Path file = place(bundle, name);
    if (!isWhole(file, resource)) {
      Files.createDirectories(file.getParent());
      deleteAbandoned(file.getParent());
      unpack(resource, file);
    }
    return file;
  }

  /// Where that file is, or would be.
  Path place(Bundle bundle, String name) {
    return root.resolve(bundle.folder()).resolve(name);
  }

  /// Reads the content only where somebody has touched the file since it was checked.
  private static boolean isWhole(Path file, Resource resource) throws IOException {
    try {
      BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
      return found.isRegularFile()
          && found.size() == resource.size()
          && (found.lastModifiedTime().equals(CHECKED) || crc(file) == resource.crc());
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private static long crc(Path file) throws IOException {
    CRC32 crc = new CRC32();
    try (InputStream in = Files.newInputStream(file)) {
      byte[] buffer = new byte[1 << 16];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        crc.update(buffer, 0, n);
      }
    }
    return crc.getValue();
  }

  /// Under a name of its own first: another process, or one that was killed half way, never shows.
  private static void unpack(Resource resource, Path file) throws IOException {
    requireSpace(file.getParent(), resource.size());
    Path unfinished =
        file.resolveSibling(file.getFileName() + "." + UUID.randomUUID() + UNFINISHED);
    try {
      copy(resource, unfinished);
      Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
      Files.setLastModifiedTime(file, CHECKED);
    } catch (FileSystemException e) {
      // Windows lets nobody replace a library that another process has loaded.
      if (!isWhole(file, resource)) {
        throw e;
      }
    } finally {
      Files.deleteIfExists(unfinished);
    }
  }

  /// Said before writing, not after half of it.
  private static void requireSpace(Path folder, long bytes) throws IOException {
    long free = folder.toFile().getUsableSpace(); // 0 where the system does not tell
    if (free > 0 && free < bytes) {
      throw new IOException("%,d bytes are needed, %,d are free".formatted(bytes, free));
    }
  }

  /// With a stream of `java.io`: an interrupt closes the channels of `java.nio`.
  private static void copy(Resource resource, Path to) throws IOException {
    CRC32 crc = new CRC32();
    long size = 0;
    try (InputStream in = resource.open();
        FileOutputStream out = new FileOutputStream(to.toFile())) {
      byte[] buffer = new byte[1 << 16];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        crc.update(buffer, 0, n);
        out.write(buffer, 0, n);
        size += n;
      }
      out.getFD().sync();
    }
    if (size != resource.size() || crc.getValue() != resource.crc()) {
      throw new IOException(resource.url() + " is damaged: its content is not what its jar says");
    }
  }

  /// What processes left that were killed while they unpacked.
  private static void deleteAbandoned(Path folder) throws IOException {
    Instant old = Instant.now().minus(ABANDONED);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + UNFINISHED)) {
      for (Path file : files) {
        if (lastWritten(file).isBefore(old)) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  private static Instant lastWritten(Path file) throws IOException {
    try {
      return Files.getLastModifiedTime(file).toInstant();
    } catch (NoSuchFileException e) {
      return Instant.now(); // its process has just finished it
    }
  }
}
