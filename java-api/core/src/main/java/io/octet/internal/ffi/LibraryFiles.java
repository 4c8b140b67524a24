package io.octet.internal.ffi;

import io.octet.internal.ffi.CacheFolders.Candidate;
import io.octet.internal.ffi.Loading.Cause;
import io.octet.internal.ffi.Loading.Failed;
import java.io.IOException;
import java.net.URI;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Finds a native library's file and loads it: from the folder that `octet.libraryPath` names,
/// which wins where it is set, else from a jar for this system, unpacked into the first folder that
/// it can be loaded from.
final class LibraryFiles {
  static final String PATH_PROPERTY = "octet.libraryPath";

  private LibraryFiles() {}

  /// Loads it, for good.
  static Loading load(Jar jar, String name) {
    Optional<Failed> missing = missing(jar, name);
    if (missing.isPresent()) {
      return missing.get();
    }
    try {
      Optional<Path> file = inPlace(jar, name);
      return file.isPresent() ? SystemLoader.load(file.get()) : fromCache(jar.bundle(), name);
    } catch (IOException e) {
      return Loading.passing(name + " cannot be read from its jar: " + words(e));
    } catch (InvalidPathException e) {
      return Loading.passing(
          name + " cannot be unpacked: a folder's name is no path: " + e.getMessage());
    }
  }

  /// Why there is no such file; empty where there is.
  static Optional<Failed> missing(Jar jar, String name) {
    String folder = folder();
    try {
      return folder.isBlank()
          ? jar.find(name).isPresent()
              ? Optional.empty()
              : Optional.of(Loading.lasting(jar.notFound(name)))
          : Files.isReadable(inFolder(folder, name))
              ? Optional.empty()
              : Optional.of(
                  Loading.passing(
                      PATH_PROPERTY + " is " + folder + ", which has no readable " + name));
    } catch (InvalidPathException e) {
      return Optional.of(Loading.passing(PATH_PROPERTY + " is not a path: " + e.getMessage()));
    }
  }

  /// Every file that [#load] could load for it.
  static List<Path> places(Jar jar, String name) throws IOException {
    Optional<Path> file = inPlace(jar, name);
    if (file.isPresent()) {
      return List.of(file.get());
    }
    Bundle bundle = jar.bundle();
    return CacheFolders.candidates().stream()
        .map(candidate -> new LibraryCache(candidate.path()).place(bundle, name))
        .toList();
  }

  /// The file where nothing need be unpacked: in a folder of the user's, or of a build.
  private static Optional<Path> inPlace(Jar jar, String name) {
    String folder = folder();
    return folder.isBlank()
        ? jar.find(name)
            .filter(url -> url.getProtocol().equals("file"))
            .map(url -> Path.of(URI.create(url.toString()))) // a blank is %20 in the URL
        : Optional.of(inFolder(folder, name));
  }

  private static String folder() {
    return System.getProperty(PATH_PROPERTY, "");
  }

  private static Path inFolder(String folder, String name) {
    return Path.of(folder).toAbsolutePath().normalize().resolve(name);
  }

  /// Goes on to the next folder only where it could help.
  private static Loading fromCache(Bundle bundle, String name) {
    List<String> obstacles = new ArrayList<>();
    for (Candidate candidate : CacheFolders.candidates()) {
      Loading loading = from(candidate, bundle, name);
      if (!(loading instanceof Failed failed && failed.cause() == Cause.FOLDER)) {
        return loading;
      }
      obstacles.add(failed.reason());
    }
    return Loading.passing(
        name
            + " is in its jar, but can be loaded from no folder: "
            + String.join("; ", obstacles)
            + ". Set -D"
            + CacheFolders.PATH_PROPERTY
            + "=FOLDER to one that files can be written to and loaded from, or -D"
            + PATH_PROPERTY
            + "=FOLDER to one that has the library");
  }

  private static Loading from(Candidate candidate, Bundle bundle, String name) {
    try {
      candidate.prepare();
      return SystemLoader.load(new LibraryCache(candidate.path()).file(bundle, name));
    } catch (IOException e) {
      return new Failed(candidate.path() + ": " + words(e), Cause.FOLDER);
    }
  }

  private static String words(IOException e) {
    return switch (e) {
      case AccessDeniedException denied -> "access to " + denied.getFile() + " is denied";
      case NoSuchFileException gone -> gone.getFile() + " is not there";
      case FileAlreadyExistsException there -> there.getFile() + " is there, and no folder";
      case FileSystemException other when other.getReason() != null -> other.getReason();
      default -> e.getMessage() == null ? e.toString() : e.getMessage();
    };
  }
}
