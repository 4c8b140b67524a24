package io.octet.internal.ffi;

import io.octet.internal.ffi.Availability.Available;
import io.octet.internal.ffi.Availability.Unavailable;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.bytedeco.javacpp.Loader;

/// Finds a native library's file: in the folder that `octet.libraryPath` names, which wins where it
/// is set, else in a jar for this system, from which JavaCPP unpacks it into its cache.
final class LibraryFiles {
  static final String PATH_PROPERTY = "octet.libraryPath";

  /// The jars that hold libraries.
  enum Jar {
    ONEDNN("org/bytedeco/dnnl/", "org.bytedeco:dnnl:3.13-1.5.14", "octet-platform"),
    OCTET("io/octet/native/", "io.octet:octet-native", "octet-platform"),
    PYTORCH("org/bytedeco/pytorch/", "org.bytedeco:pytorch:2.13.0-1.5.14", "octet-fbgemm"),
    OPENBLAS("org/bytedeco/openblas/", "org.bytedeco:openblas:0.3.31-1.5.13", "octet-fbgemm");

    private final String folder;
    private final String coordinates;
    private final String artifact;

    Jar(String folder, String coordinates, String artifact) {
      this.folder = folder;
      this.coordinates = coordinates;
      this.artifact = artifact;
    }

    private String resource(String name) {
      return folder + Loader.getPlatform() + "/" + name;
    }
  }

  private LibraryFiles() {}

  /// The file of that name, present on disk but not loaded.
  static Availability find(Jar jar, String name) {
    String folder = System.getProperty(PATH_PROPERTY, "");
    return folder.isBlank() ? unpack(jar, name) : inFolder(folder, name);
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

  private static Availability unpack(Jar jar, String name) {
    try {
      // Null without an exception: no such jar, or (module path) its module is not resolved.
      File file = cached(jar, name);
      return file == null
          ? new Unavailable(jar == Jar.OCTET ? notBuilt(name) : notFound(jar, name))
          : new Available(file.toPath().toAbsolutePath());
    } catch (IOException | RuntimeException e) {
      return new Unavailable(
          "JavaCPP could not unpack "
              + name
              + " for "
              + Loader.getPlatform()
              + ": "
              + e.getMessage());
    }
  }

  private static File cached(Jar jar, String name) throws IOException {
    if (jar == Jar.ONEDNN) {
      return Loader.cacheResource(LibraryFiles.class, "/" + jar.resource(name));
    }
    // Asked of the class loader, which sees the class path and all resolved modules.
    URL found = LibraryFiles.class.getClassLoader().getResource(jar.resource(name));
    if (found == null) {
      return null;
    }
    return found.getProtocol().equals("file")
        ? new File(URI.create(found.toString())) // a blank in the path is %20 in the URL
        : Loader.cacheResource(found);
  }

  /// The jar of Octet's own libraries is there always; it says why they are not in it.
  private static String notBuilt(String name) throws IOException {
    String why = "io/octet/native/absent.txt";
    try (InputStream in = LibraryFiles.class.getClassLoader().getResourceAsStream(why)) {
      return in == null
          ? notFound(Jar.OCTET, name)
          : name
              + " was not built: "
              + new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
    }
  }

  private static String notFound(Jar jar, String name) {
    String platform = Loader.getPlatform();
    String missing =
        name + " was not found: the jar " + jar.coordinates + ":" + platform + " is not on the ";
    if (jar == Jar.ONEDNN && LibraryFiles.class.getModule().isNamed()) {
      return missing
          + "module path, or its module is not resolved (add both dnnl jars and --add-modules="
          + "org.bytedeco.dnnl."
          + platform.replace('-', '.')
          + ")";
    }
    if (jar == Jar.OCTET) {
      return name
          + " was not found: the jar io.octet:octet-native has none for "
          + platform
          + ", or is not there (on the module path it needs --add-modules=io.octet.natives)";
    }
    return missing + "class path (depend on io.octet:" + jar.artifact + ")";
  }
}
