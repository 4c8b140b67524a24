package io.octet.internal.file;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// What a path to be written to stands for, links followed.
sealed interface Destination {
  /// As many links in a row are followed, as Linux does it.
  int MOST_LINKS = 40;

  /// A regular file, there already or not. It is replaced as a whole.
  record Whole(Path file) implements Destination {}

  /// A device, a pipe, or a file that a process holds open (`/dev/stdout`): a neighbour that took
  /// its name would destroy it, so bytes are written into it.
  record Through(Path path) implements Destination {}

  /// Follows the links of `path`, also where the last of them points to a file that is not there
  /// yet.
  ///
  /// @throws IOException if it is a folder, lies in a folder that is not there, or its links go in
  ///   a circle
  static Destination of(Path path) throws IOException {
    Path at = inRealFolder(path);
    for (int links = 0; Files.isSymbolicLink(at); links++) {
      if (at.startsWith("/proc")) {
        return new Through(at);
      }
      if (links == MOST_LINKS) {
        throw new FileSystemLoopException(path.toString());
      }
      at = inRealFolder(at.resolveSibling(Files.readSymbolicLink(at)));
    }
    if (Files.isDirectory(at)) {
      throw isFolder(path);
    }
    return Files.exists(at) && !Files.isRegularFile(at) ? new Through(at) : new Whole(at);
  }

  private static Path inRealFolder(Path path) throws IOException {
    Path absolute = path.toAbsolutePath();
    if (absolute.getFileName() == null) {
      throw isFolder(path);
    }
    return absolute.getParent().toRealPath().resolve(absolute.getFileName());
  }

  private static IOException isFolder(Path path) {
    return new IOException(path + " is a folder, but a file is to be written there");
  }

  /// Refuses what cannot be written.
  default void requireWritable() throws IOException {
    switch (this) {
      case Whole(Path file) -> {
        requireFolder(file.getParent());
        if (Files.exists(file)) {
          requirePermission(file);
        }
      }
      case Through(Path path) -> requirePermission(path);
    }
  }

  private static void requireFolder(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new NoSuchFileException(folder.toString());
    }
    requirePermission(folder);
  }

  private static void requirePermission(Path path) throws IOException {
    if (!Files.isWritable(path)) {
      throw new AccessDeniedException(path.toString());
    }
  }
}
