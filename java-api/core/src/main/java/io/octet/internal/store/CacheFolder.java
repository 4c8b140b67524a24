package io.octet.internal.store;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// Where Octet keeps what it can do without: the folder that `octet.cachePath` names, else `octet`
/// in the user's folder for such things.
final class CacheFolder {
  static final String PROPERTY = "octet.cachePath";

  private CacheFolder() {}

  /// The folder, whether it exists or not; empty where the user has none.
  static Optional<Path> find() {
    return find(System::getProperty, System::getenv);
  }

  /// @param property gives a system property or null
  /// @param environment gives a variable or null
  static Optional<Path> find(UnaryOperator<String> property, UnaryOperator<String> environment) {
    String named = property.apply(PROPERTY);
    return named == null || named.isBlank()
        ? usual(property, environment).map(folder -> folder.resolve("octet"))
        : path(named).map(Path::toAbsolutePath);
  }

  private static Optional<Path> usual(
      UnaryOperator<String> property, UnaryOperator<String> environment) {
    Optional<Path> home = path(property.apply("user.home")).filter(Path::isAbsolute);
    String system = property.apply("os.name");
    if (system != null && system.startsWith("Mac")) {
      return home.map(h -> h.resolve("Library").resolve("Caches"));
    }
    boolean windows = system != null && system.startsWith("Windows");
    return path(environment.apply(windows ? "LOCALAPPDATA" : "XDG_CACHE_HOME"))
        .filter(Path::isAbsolute) // the standard says that others are ignored
        .or(() -> home.map(h -> h.resolve(".cache")));
  }

  private static Optional<Path> path(String name) {
    try {
      return name == null || name.isBlank() ? Optional.empty() : Optional.of(Path.of(name));
    } catch (InvalidPathException _) {
      return Optional.empty();
    }
  }
}
