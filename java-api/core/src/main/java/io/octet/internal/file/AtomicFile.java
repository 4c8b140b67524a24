package io.octet.internal.file;

import java.io.BufferedOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/// Writes a file whole or not at all: into a neighbour of a name that nobody else has, which then
/// takes its place. Threads, processes and containers that write the same file at once each write
/// all of it, and the last one stays. An interrupt does not stop a write.
public final class AtomicFile {
  /// Writes the content of a file.
  @FunctionalInterface
  public interface Content {
    /// Writes everything; it may close the stream, or leave that to the caller.
    void writeTo(OutputStream out) throws IOException;
  }

  private AtomicFile() {}

  /// Writes `content` to `file`. A link stays a link: what it points to is written, and is created
  /// where it is missing. A regular file is replaced under its own permissions, and its owner's
  /// name where the system allows that; a new one has the process's usual permissions. Devices and
  /// pipes are written through.
  ///
  /// @throws IOException if it cannot be written: a regular file is then as it was, and nothing is
  ///   left beside it
  public static void write(Path file, Content content) throws IOException {
    Destination destination = Destination.of(file);
    destination.requireWritable();
    switch (destination) {
      case Destination.Whole(Path target) -> replace(target, content);
      case Destination.Through(Path path) -> {
        // Nothing is created or cut: systems forbid that for other users' pipes.
        try (OutputStream out =
            new BufferedOutputStream(Files.newOutputStream(path, StandardOpenOption.WRITE))) {
          content.writeTo(out);
        }
      }
    }
  }

  /// Writes these bytes to `file`, as [#write(Path, Content)] does.
  public static void write(Path file, byte[] content) throws IOException {
    write(file, out -> out.write(content));
  }

  /// Refuses a place where no file can be written, before any work is done for it.
  ///
  /// @throws IOException if its folder is missing, or it or its folder may not be written
  public static void requireWritable(Path file) throws IOException {
    Destination.of(file).requireWritable();
  }

  private static void replace(Path target, Content content) throws IOException {
    // Not Files.createTempFile, whose files only their owner may read.
    Path beside = target.resolveSibling(".octet-" + UUID.randomUUID() + ".tmp");
    try {
      Permissions kept = Permissions.of(target);
      kept.create(beside);
      fill(beside, content);
      kept.give(beside);
      move(beside, target);
    } finally {
      Files.deleteIfExists(beside);
    }
    keep(target.getParent());
  }

  /// Writes everything and has the disk take it. A FileChannel would be closed by an interrupt.
  private static void fill(Path file, Content content) throws IOException {
    if (file.getFileSystem() != FileSystems.getDefault()) {
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
        content.writeTo(out);
      }
      return;
    }
    try (FileOutputStream out = new FileOutputStream(file.toFile())) {
      OutputStream open = new LeftOpen(out);
      content.writeTo(open);
      open.flush();
      out.getFD().sync();
    }
  }

  /// Passes on everything but the end.
  private static final class LeftOpen extends BufferedOutputStream {
    LeftOpen(OutputStream out) {
      super(out);
    }

    @Override
    public void close() throws IOException {
      flush();
    }
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException _) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /// Has the disk take the new name. Not every file system can say so of a folder; the file itself
  /// is safe by then.
  private static void keep(Path folder) {
    if (folder.getFileSystem() == FileSystems.getDefault()) {
      try (FileChannel names = FileChannel.open(folder, StandardOpenOption.READ)) {
        names.force(true);
      } catch (IOException _) {
        return;
      }
    }
  }
}
