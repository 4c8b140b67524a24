package io.octet.internal.ffi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.octet.internal.ffi.CacheFolders.Candidate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Where libraries may be unpacked, and what is not trusted.
class CacheFoldersTest {
  @TempDir Path folder;

  @BeforeEach
  void onlyWhereFilesHaveOwners() {
    assumeTrue(!Platform.HERE.isWindows(), "SKIPPED: Windows");
  }

  private static List<String> paths(
      String os, Map<String, String> properties, Map<String, String> variables) {
    Map<String, String> all = new HashMap<>(properties);
    all.putIfAbsent("user.home", "/home/ada");
    all.putIfAbsent("java.io.tmpdir", "/tmp");
    return CacheFolders.candidates(Platform.of(os, "amd64"), all::get, variables::get).stream()
        .map(candidate -> candidate.path() + (candidate.inPublic() ? " in public" : ""))
        .toList();
  }

  @Test
  void theUsersCacheComesFirstAndThenTheTemporaryFolder() {
    String temporary = "/tmp/octet-" + Environment.userId() + " in public";
    assertEquals(List.of("/home/ada/.cache/octet", temporary), paths("Linux", Map.of(), Map.of()));
    assertEquals(
        List.of("/cache/octet", temporary),
        paths("Linux", Map.of(), Map.of("XDG_CACHE_HOME", "/cache")));
    assertEquals(
        List.of("/home/ada/.cache/octet", temporary),
        paths("Linux", Map.of(), Map.of("XDG_CACHE_HOME", "relative, so no answer")));
    assertEquals(
        List.of("/home/ada/Library/Caches/octet", temporary),
        paths("Mac OS X", Map.of(), Map.of("XDG_CACHE_HOME", "/cache")));
    assertEquals(
        List.of("/local/octet", "/tmp/octet"),
        paths("Windows 11", Map.of(), Map.of("LOCALAPPDATA", "/local")));
  }

  @Test
  void aFolderThatIsSetIsTheOnlyOne() {
    assertEquals(
        List.of("/data/libraries"),
        paths(
            "Linux",
            Map.of("octet.cachePath", "/data/libraries", "org.bytedeco.javacpp.cachedir", "/x"),
            Map.of()));
  }

  @Test
  void thatOfJavacppIsTriedBeforeTheOthers() {
    List<String> found = paths("Linux", Map.of("org.bytedeco.javacpp.cachedir", "/data"), Map.of());
    assertEquals("/data/octet", found.getFirst());
    assertEquals(3, found.size());
  }

  @Test
  void aFolderInPublicIsMadeForThisUserAlone() throws IOException {
    Candidate candidate = new Candidate(folder.resolve("octet"), true);
    candidate.prepare();
    assertEquals(
        "rwx------",
        PosixFilePermissions.toString(Files.getPosixFilePermissions(candidate.path())));
    candidate.prepare(); // and may be there the next time
  }

  @Test
  void aFolderThatOthersMayWriteToIsNotTrusted() throws IOException {
    Path open = Files.createDirectory(folder.resolve("octet"));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
    assertNotTrusted(open);
  }

  @Test
  void aLinkToAFolderIsNotTrusted() throws IOException {
    assertNotTrusted(Files.createSymbolicLink(folder.resolve("octet"), folder));
  }

  @Test
  void aFolderOfAnotherUserIsNotTrusted() throws IOException {
    Path theirs = Files.createDirectory(folder.resolve("octet"));
    Files.setPosixFilePermissions(theirs, PosixFilePermissions.fromString("rwx------"));
    assumeTrue(Environment.userId() == 0, "SKIPPED: only root can give a folder to another user");
    Files.setAttribute(theirs, "unix:uid", 12345, LinkOption.NOFOLLOW_LINKS);
    assertNotTrusted(theirs);
  }

  private static void assertNotTrusted(Path path) {
    Candidate candidate = new Candidate(path, true);
    String message = assertThrows(IOException.class, candidate::prepare).getMessage();
    assertTrue(message.contains("not a folder of this user's alone"), message);
  }
}
