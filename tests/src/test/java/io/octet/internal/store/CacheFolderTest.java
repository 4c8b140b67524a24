package io.octet.internal.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CacheFolderTest {
  private static final Map<String, String> LINUX =
      Map.of("os.name", "Linux", "user.home", "/home/ada");

  private static Optional<Path> found(
      Map<String, String> properties, Map<String, String> variables) {
    return CacheFolder.find(properties::get, variables::get);
  }

  @Test
  void itIsTheOneThatIsNamed() {
    assertEquals(
        Optional.of(Path.of("/elsewhere")),
        found(Map.of("octet.cachePath", "/elsewhere", "user.home", "/home/ada"), Map.of()));
  }

  @Test
  void elseItLiesInTheUsersOwn() {
    assertEquals(Optional.of(Path.of("/home/ada/.cache/octet")), found(LINUX, Map.of()));
    assertEquals(
        Optional.of(Path.of("/caches/octet")), found(LINUX, Map.of("XDG_CACHE_HOME", "/caches")));
    assertEquals(
        Optional.of(Path.of("/home/ada/.cache/octet")),
        found(LINUX, Map.of("XDG_CACHE_HOME", "relative")));
    assertEquals(
        Optional.of(Path.of("/Users/ada/Library/Caches/octet")),
        found(Map.of("os.name", "Mac OS X", "user.home", "/Users/ada"), Map.of()));
  }

  @Test
  void whoHasNoHomeHasNone() {
    assertEquals(Optional.empty(), found(Map.of("user.home", "?"), Map.of()));
    assertEquals(Optional.empty(), found(Map.of(), Map.of()));
    assertEquals(Optional.empty(), found(Map.of("octet.cachePath", "a\0b"), Map.of()));
  }
}
