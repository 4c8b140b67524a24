package io.octet.internal.ffi;

import io.octet.internal.ffi.Availability.Available;
import io.octet.internal.ffi.Availability.Unavailable;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.bytedeco.javacpp.Loader;

/// Finds a native library's file: in the folder that `octet.libraryPath` names, which wins where it
/// is set, else in the jar of org.bytedeco:dnnl for this system, which JavaCPP unpacks into its
/// cache.
final class LibraryFiles {
  static final String PATH_PROPERTY = "octet.libraryPath";

  private LibraryFiles() {}

  /// The file of that name, present on disk but not loaded.
  static Availability find(String name) {
    String folder = System.getProperty(PATH_PROPERTY, "");
    return folder.isBlank() ? unpack(name) : inFolder(folder, name);
  }

  private static Availability inFolder(String folder, String name) {
    try {
      Path file = Path.of(folder).toAbsolutePath().normalize().resolve(name);
      return Files.isReadable(file)
          ? new Available(file)
          : new Unavailable(PATH_PROPERTY + " is " + folder + ", which has no readable " + name);
    } catch (InvalidPathException e) {
      return new Unavailable(PATH_PROPERTY + " is not a path: " + e.getMessage());
    }
  }

  private static Availability unpack(String name) {
    String platform = Loader.getPlatform();
    try {
      // Null without an exception: no such jar, or (module path) its module is not resolved.
      File file =
          Loader.cacheResource(LibraryFiles.class, "/org/bytedeco/dnnl/" + platform + "/" + name);
      return file == null
          ? new Unavailable(notFound(platform, name))
          : new Available(file.toPath().toAbsolutePath());
    } catch (IOException | RuntimeException e) {
      return new Unavailable(
          "JavaCPP could not unpack " + name + " for " + platform + ": " + e.getMessage());
    }
  }

  private static String notFound(String platform, String name) {
    String jar = "org.bytedeco:dnnl:3.13-1.5.14:" + platform;
    String missing = name + " was not found: the jar " + jar + " is not on the ";
    return LibraryFiles.class.getModule().isNamed()
        ? missing
            + "module path, or its module is not resolved (add both dnnl jars and --add-modules="
            + moduleName(platform)
            + ")"
        : missing + "class path (depend on io.octet:octet-platform)";
  }

  private static String moduleName(String platform) {
    return "org.bytedeco.dnnl." + platform.replace('-', '.');
  }
}
