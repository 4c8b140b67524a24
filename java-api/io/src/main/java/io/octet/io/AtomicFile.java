package io.octet.io;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/// Writes a file whole or not at all: into a neighbour first, which then takes its name.
public final class AtomicFile {
  /// Writes the content of a file.
  @FunctionalInterface
  public interface Content {
    /// Writes everything; the stream is closed by the caller.
    void writeTo(OutputStream out) throws IOException;
  }

  private AtomicFile() {}

  /// Writes `content` to `file`, replacing what stood there. After a failure the old file is there
  /// as it was.
  public static void write(Path file, Content content) throws IOException {
    Path target = target(file.toAbsolutePath());
    if (Files.exists(target) && !Files.isRegularFile(target)) {
      try (OutputStream out =
          Files.newOutputStream(target)) { // a pipe or a device has no neighbour
        content.writeTo(out);
      }
      return;
    }
    // Not createTempFile: it would leave the file readable to its owner alone.
    Path neighbour =
        target.resolveSibling(target.getFileName() + "." + ProcessHandle.current().pid() + ".tmp");
    try {
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(neighbour))) {
        content.writeTo(out);
      }
      move(neighbour, target);
    } finally {
      Files.deleteIfExists(neighbour);
    }
  }

  /// A link stays a link: the file it points to is the one replaced.
  private static Path target(Path file) throws IOException {
    return Files.exists(file) ? file.toRealPath() : file;
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
