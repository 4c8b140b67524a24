package io.octet.internal.ffi;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/// Where libraries may be unpacked, the best folder first.
final class CacheFolders {
  /// The one folder, where it is set.
  static final String PATH_PROPERTY = "octet.cachePath";

  /// JavaCPP unpacked these files before Octet did it itself; who set this meant them.
  private static final String JAVACPP_PROPERTY = "org.bytedeco.javacpp.cachedir";

  private static final int WRITABLE_BY_OTHERS = 0022;

  private CacheFolders() {}

  /// A folder that is tried.
  ///
  /// @param inPublic whether everybody may make files beside it: then it must be this user's own
  record Candidate(Path path, boolean inPublic) {
    /// Makes the folder where it is not there.
    ///
    /// @throws IOException where nothing can be loaded from there, or what is there is not trusted
    void prepare() throws IOException {
      if (inPublic) {
        prepareInPublic();
      } else {
        Files.createDirectories(path);
      }
      if (Mounts.read().isNoexec(path)) {
        throw new IOException("it is mounted noexec");
      }
    }

    /// Another user may have made it first, to have a library of theirs loaded here.
    private void prepareInPublic() throws IOException {
      try {
        Files.createDirectory(
            path,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      } catch (FileAlreadyExistsException e) {
        Map<String, Object> found =
            Files.readAttributes(path, "unix:uid,mode,isDirectory", LinkOption.NOFOLLOW_LINKS);
        if (!found.get("uid").equals(Environment.userId())
            || ((int) found.get("mode") & WRITABLE_BY_OTHERS) != 0
            || !(boolean) found.get("isDirectory")) {
          throw new IOException("what is there is not a folder of this user's alone", e);
        }
      }
    }
  }

  /// What is tried here, in this order.
  static List<Candidate> candidates() {
    return candidates(Platform.HERE, System::getProperty, System::getenv);
  }

  /// @param property gives a system property or null
  /// @param environment gives a variable or null
  static List<Candidate> candidates(
      Platform platform, UnaryOperator<String> property, UnaryOperator<String> environment) {
    String only = property.apply(PATH_PROPERTY);
    if (isGiven(only)) {
      return List.of(new Candidate(Path.of(only).toAbsolutePath(), false));
    }
    List<Candidate> found = new ArrayList<>();
    String javacpp = property.apply(JAVACPP_PROPERTY);
    if (isGiven(javacpp)) {
      found.add(new Candidate(Path.of(javacpp).toAbsolutePath().resolve("octet"), false));
    }
    found.add(new Candidate(userCache(platform, property, environment).resolve("octet"), false));
    Path temporary = Path.of(property.apply("java.io.tmpdir")).toAbsolutePath();
    found.add(
        platform.isWindows() // where each user has a temporary folder of their own
            ? new Candidate(temporary.resolve("octet"), false)
            : new Candidate(temporary.resolve("octet-" + Environment.userId()), true));
    return found;
  }

  private static Path userCache(
      Platform platform, UnaryOperator<String> property, UnaryOperator<String> environment) {
    Path home = Path.of(property.apply("user.home")).toAbsolutePath();
    return switch (platform.system()) {
      case "macosx" -> home.resolve("Library").resolve("Caches");
      case "windows" -> absolute(environment.apply("LOCALAPPDATA"), home.resolve(".cache"));
      default -> absolute(environment.apply("XDG_CACHE_HOME"), home.resolve(".cache"));
    };
  }

  /// The standard for XDG_CACHE_HOME says that a relative path is ignored.
  private static Path absolute(String given, Path otherwise) {
    return isGiven(given) && Path.of(given).isAbsolute() ? Path.of(given) : otherwise;
  }

  private static boolean isGiven(String value) {
    return value != null && !value.isBlank();
  }
}
