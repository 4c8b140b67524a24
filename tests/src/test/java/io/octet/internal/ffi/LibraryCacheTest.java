package io.octet.internal.ffi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What lies in a folder of unpacked libraries is what the jar holds now, whatever lay there.
class LibraryCacheTest {
  private static final String NAME = "library.so";
  private static final byte[] OLD = "the old library".getBytes(StandardCharsets.UTF_8);
  private static final byte[] NEW = "the new library".getBytes(StandardCharsets.UTF_8);

  @TempDir Path folder;

  private LibraryCache cache;

  @BeforeEach
  void anEmptyCache() {
    cache = new LibraryCache(folder.resolve("cache"));
  }

  private Bundle bundle(String jar, byte[] content) throws IOException {
    return Unpacking.bundle(Unpacking.jar(folder.resolve(jar), NAME, content), NAME);
  }

  private Path unpacked(byte[] content) throws IOException {
    return cache.file(bundle("library.jar", content), NAME);
  }

  @Test
  void anotherBuildOfEqualSizeAndTimeIsAnotherFile() throws IOException {
    Path old = unpacked(OLD);
    Path now = unpacked(NEW);
    assertNotEquals(old, now);
    assertArrayEquals(OLD, Files.readAllBytes(old), "a process may still use it");
    assertArrayEquals(NEW, Files.readAllBytes(now));
  }

  @Test
  void whatIsThereAndWholeIsNotWrittenAgain() throws IOException {
    Object before = Files.readAttributes(unpacked(OLD), "fileKey").get("fileKey");
    assertEquals(before, Files.readAttributes(unpacked(OLD), "fileKey").get("fileKey"));
  }

  @Test
  void aCutFileIsReplaced() throws IOException {
    Path file = unpacked(OLD);
    Files.write(file, "the old".getBytes(StandardCharsets.UTF_8));
    Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2001-01-01T00:00:00Z")));
    assertArrayEquals(OLD, Files.readAllBytes(unpacked(OLD)));
  }

  @Test
  void otherContentOfTheSameSizeIsReplaced() throws IOException {
    Path file = unpacked(OLD);
    Files.write(file, NEW, StandardOpenOption.TRUNCATE_EXISTING);
    assertArrayEquals(OLD, Files.readAllBytes(unpacked(OLD)));
  }

  @Test
  void aFileThatWasTouchedAndIsWholeStays() throws IOException {
    Path file = unpacked(OLD);
    Files.write(file, OLD);
    Object before = Files.readAttributes(file, "fileKey").get("fileKey");
    assertEquals(before, Files.readAttributes(unpacked(OLD), "fileKey").get("fileKey"));
  }

  @Test
  void whatAKilledProcessLeftIsClearedAwayOnceItIsOld() throws IOException {
    Path home = Files.createDirectories(cache.place(bundle("a.jar", OLD), NAME).getParent());
    Path old = Files.write(home.resolve(NAME + ".1.part"), new byte[3]);
    Path young = Files.write(home.resolve(NAME + ".2.part"), new byte[3]);
    Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
    unpacked(OLD);
    assertFalse(Files.exists(old));
    assertTrue(Files.exists(young), "another process may be writing it");
  }

  @Test
  void nothingElseIsLeftBehind() throws IOException {
    Path file = unpacked(OLD);
    try (Stream<Path> files = Files.list(file.getParent())) {
      assertEquals(List.of(file), files.toList());
    }
  }

  @Test
  void aJarWhoseContentIsNotWhatItsIndexSaysIsRefused() throws IOException {
    Bundle before = bundle("library.jar", OLD);
    bundle("library.jar", NEW); // the same jar, written anew behind our back
    String message = assertThrows(IOException.class, () -> cache.file(before, NAME)).getMessage();
    assertTrue(message.contains("is damaged"), message);
    assertFalse(Files.exists(cache.place(before, NAME)));
  }

  @Test
  void manyAtOnceAllGetTheWholeFile() throws Exception {
    byte[] large = new byte[1 << 20];
    Bundle bundle = bundle("large.jar", large);
    List<Callable<byte[]>> tasks = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      tasks.add(() -> Files.readAllBytes(cache.file(bundle, NAME)));
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(16)) {
      for (Future<byte[]> found : threads.invokeAll(tasks)) {
        assertArrayEquals(large, found.get());
      }
    }
  }

  @Test
  void aFileInPlaceOfTheFolderIsSaid() throws IOException {
    Files.writeString(folder.resolve("cache"), "no folder");
    assertThrows(IOException.class, () -> unpacked(OLD));
  }

  @Test
  void aResourceThatIsInNoJarIsKnownByItsContentToo() throws IOException {
    Path file = Files.write(folder.resolve(NAME), OLD);
    Resource found = Resource.of(file.toUri().toURL());
    assertEquals(bundle("a.jar", OLD).resource(NAME).crc(), found.crc());
    assertEquals(OLD.length, found.size());
  }
}
