package io.octet.internal.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/// Who may do what with a file that is to be replaced.
///
/// @param old empty for a file that is not there yet, and where the system knows no such thing
record Permissions(Optional<PosixFileAttributes> old) {
  static Permissions of(Path file) throws IOException {
    PosixFileAttributeView view = view(file);
    return new Permissions(
        view == null || !Files.exists(file)
            ? Optional.empty()
            : Optional.of(view.readAttributes()));
  }

  private static PosixFileAttributeView view(Path file) {
    return Files.getFileAttributeView(file, PosixFileAttributeView.class);
  }

  /// Creates a file that nobody may read who might not read the old one.
  void create(Path file) throws IOException {
    if (old.isEmpty()) {
      Files.createFile(file);
    } else {
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }
  }

  /// Gives a file what the old one had.
  void give(Path file) throws IOException {
    if (old.isPresent()) {
      PosixFileAttributes wanted = old.get();
      PosixFileAttributeView view = view(file);
      PosixFileAttributes now = view.readAttributes();
      if (!now.owner().equals(wanted.owner())) {
        ifAllowed(() -> view.setOwner(wanted.owner()));
      }
      if (!now.group().equals(wanted.group())) {
        ifAllowed(() -> view.setGroup(wanted.group()));
      }
      view.setPermissions(wanted.permissions());
    }
  }

  @FunctionalInterface
  private interface Change {
    void make() throws IOException;
  }

  /// Only an administrator may give files away, and file systems of other machines may not know the
  /// owner at all: then the writer owns what was written.
  private static void ifAllowed(Change change) {
    try {
      change.make();
    } catch (IOException _) {
      return;
    }
  }
}
