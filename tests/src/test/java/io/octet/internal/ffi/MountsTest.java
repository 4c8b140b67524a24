package io.octet.internal.ffi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Which folders Linux lets libraries be loaded from.
class MountsTest {
  @TempDir Path folder;

  @BeforeEach
  void onlyWherePathsAreLinuxs() {
    assumeTrue(Platform.HERE.isLinux(), "SKIPPED: not Linux");
  }

  private boolean isNoexec(Path path, String... lines) throws IOException {
    return new Mounts(List.of(lines)).isNoexec(path);
  }

  private static String mount(Path point, String options) {
    return "tmpfs " + point.toString().replace(" ", "\\040") + " tmpfs " + options + " 0 0";
  }

  @Test
  void theDeepestMountThatHoldsAPathCounts() throws IOException {
    Path inner = folder.resolve("inner");
    String root = mount(Path.of("/"), "rw,relatime");
    String outer = mount(folder.toRealPath(), "rw,nosuid,noexec");
    assertTrue(isNoexec(inner, root, outer));
    assertTrue(isNoexec(inner, outer, root));
    assertFalse(isNoexec(inner, root, outer, mount(folder.toRealPath().resolve("inner"), "rw")));
    assertFalse(isNoexec(folder.resolveSibling("other"), root, outer));
  }

  @Test
  void theLastMountOnOnePointLiesOnTop() throws IOException {
    Path real = folder.toRealPath();
    assertTrue(isNoexec(folder, mount(real, "rw"), mount(real, "rw,noexec")));
    assertFalse(isNoexec(folder, mount(real, "rw,noexec"), mount(real, "rw")));
  }

  @Test
  void linksAreFollowedAndBlanksRead() throws IOException {
    Path real = Files.createDirectory(folder.resolve("a folder")).toRealPath();
    Path link = Files.createSymbolicLink(folder.resolve("link"), real);
    assertTrue(isNoexec(link.resolve("not there yet"), mount(real, "noexec")));
  }

  @Test
  void withoutAListNothingIsForbidden() throws IOException {
    assertFalse(isNoexec(folder));
    assertEquals(!Files.isReadable(Path.of("/proc/self/mounts")), Mounts.read().lines().isEmpty());
  }
}
