package io.octet.internal.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.octet.io.Json;
import io.octet.io.Npy;
import io.octet.io.Npz;
import io.octet.nn.Layers;
import io.octet.onnx.Onnx;
import io.octet.tensor.Tensor;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Whatever a path to be written to stands for, every writer of a file leaves it that.
@Timeout(value = 30, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class OutputPathsTest {
  private static final Tensor ARRAY = Tensor.of(new float[] {1, 2, 3}, 3);

  /// Who writes files.
  enum Writer {
    ONNX {
      @Override
      void write(Path file) throws IOException {
        Onnx.write(Layers.sequential(Layers.relu()).input(3, 2, 2), file);
      }
    },
    NPZ {
      @Override
      void write(Path file) throws IOException {
        Npz.write(file, Map.of("x", ARRAY));
      }
    },
    NPY {
      @Override
      void write(Path file) throws IOException {
        Npy.write(file, ARRAY);
      }
    },
    JSON {
      @Override
      void write(Path file) throws IOException {
        Json.write(file, Map.of("x", 1));
      }
    };

    abstract void write(Path file) throws IOException;

    byte[] expected(Path folder) throws IOException {
      Path plain = folder.resolve("plain." + this);
      write(plain);
      return Files.readAllBytes(plain);
    }
  }

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource
  void aLinkStaysALinkAndItsTargetIsWritten(Writer writer) throws IOException {
    Path target = Files.createDirectory(folder.resolve("elsewhere")).resolve("target");
    Files.writeString(target, "old");
    Path middle = Files.createSymbolicLink(target.resolveSibling("middle"), Path.of("target"));
    Path link = Files.createSymbolicLink(folder.resolve("link"), middle);
    writer.write(link);
    assertTrue(Files.isSymbolicLink(link));
    assertTrue(Files.isSymbolicLink(middle));
    assertArrayEquals(writer.expected(folder), Files.readAllBytes(target));
  }

  @ParameterizedTest
  @EnumSource
  void aLinkToNothingYetCreatesWhatItPointsTo(Writer writer) throws IOException {
    Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("later"));
    writer.write(link);
    assertTrue(Files.isSymbolicLink(link));
    assertArrayEquals(writer.expected(folder), Files.readAllBytes(folder.resolve("later")));
  }

  @ParameterizedTest
  @EnumSource
  void aPipeIsWrittenThrough(Writer writer) throws Exception {
    Path pipe = folder.resolve("pipe");
    make("mkfifo", pipe.toString());
    byte[] read;
    try (ExecutorService reader = Executors.newSingleThreadExecutor()) {
      Future<byte[]> content = reader.submit(() -> Files.readAllBytes(pipe));
      writer.write(pipe);
      // A writer that replaces the pipe leaves the reader waiting for one that never comes.
      if (Files.isRegularFile(pipe)) {
        content.cancel(true);
      }
      assertFalse(Files.isRegularFile(pipe), "the pipe became a file");
      read = content.get();
    }
    assertArrayEquals(writer.expected(folder), read);
  }

  @ParameterizedTest
  @EnumSource
  void aDeviceStaysADevice(Writer writer) throws Exception {
    Path device = folder.resolve("null");
    make("mknod", device.toString(), "c", "1", "3");
    Path link = Files.createSymbolicLink(folder.resolve("link"), device);
    writer.write(device);
    writer.write(link);
    assertTrue(Files.readAttributes(device, "unix:rdev").containsKey("rdev"));
    assertFalse(Files.isRegularFile(device));
    assertTrue(Files.isSymbolicLink(link));
  }

  @ParameterizedTest
  @EnumSource
  void aFileThatIsReplacedKeepsItsPermissions(Writer writer) throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "old");
    for (String mode : new String[] {"rw-r-----", "rw-rw-rw-", "rwxr-xr-x", "rw-------"}) {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
      writer.write(file);
      assertEquals(mode, PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    }
    assertArrayEquals(writer.expected(folder), Files.readAllBytes(file));
  }

  @ParameterizedTest
  @EnumSource
  void aNewFileHasTheUsualPermissions(Writer writer) throws IOException {
    Path usual = Files.writeString(folder.resolve("usual"), "x");
    Path file = folder.resolve("file");
    writer.write(file);
    assertEquals(Files.getPosixFilePermissions(usual), Files.getPosixFilePermissions(file));
  }

  @ParameterizedTest
  @EnumSource
  void anInterruptedThreadWritesAllTheSameAndStaysInterrupted(Writer writer) throws IOException {
    Path file = folder.resolve("file");
    byte[] expected = writer.expected(folder);
    Thread.currentThread().interrupt();
    writer.write(file);
    assertTrue(Thread.interrupted());
    assertArrayEquals(expected, Files.readAllBytes(file));
  }

  @Test
  void threadsThatWriteOneFileEachWriteAllOfIt() throws Exception {
    Path file = folder.resolve("shared.npz");
    int writers = 4;
    CountDownLatch ready = new CountDownLatch(writers);
    try (ExecutorService pool = Executors.newFixedThreadPool(writers)) {
      Stream<Callable<Void>> jobs =
          Stream.iterate(1, n -> n + 1)
              .limit(writers)
              .map(
                  n ->
                      () -> {
                        Tensor array = Tensor.of(new float[n * 5_000], n * 5_000);
                        ready.countDown();
                        ready.await();
                        for (int i = 0; i < 20; i++) {
                          Npz.write(file, Map.of("x", array));
                          assertEquals(0, Npz.read(file).get("x").elements() % 5_000);
                        }
                        return null;
                      });
      for (Future<Void> done : pool.invokeAll(jobs.toList())) {
        done.get();
      }
    }
    assertEquals(1, files(), "temporary files are left");
  }

  @Test
  void theOwnerIsKeptWhereTheSystemAllowsIt() throws IOException {
    assumeTrue(Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0), "needs root");
    Path file = Files.writeString(folder.resolve("file"), "old");
    Files.setAttribute(file, "unix:uid", 65_534);
    Files.setAttribute(file, "unix:gid", 65_533);
    AtomicFile.write(file, new byte[] {1});
    assertEquals(65_534, Files.getAttribute(file, "unix:uid"));
    assertEquals(65_533, Files.getAttribute(file, "unix:gid"));
  }

  @Test
  void aWriteThatFailsLeavesTheOldFileAsItWas() throws IOException {
    Path file = Files.writeString(folder.resolve("kept.txt"), "old");
    IOException failure =
        assertThrows(
            IOException.class,
            () ->
                AtomicFile.write(
                    file,
                    out -> {
                      out.write(1);
                      throw new IOException("disk full");
                    }));
    assertEquals("disk full", failure.getMessage());
    assertEquals("old", Files.readString(file));
    assertEquals(1, files());
  }

  @Test
  void whatAProcessHoldsOpenIsWrittenThrough() throws IOException {
    assumeTrue(Files.isDirectory(Path.of("/proc/self/fd")), "needs Linux");
    Path file = Files.writeString(folder.resolve("out"), "");
    Object inode = Files.getAttribute(file, "unix:ino");
    try (var open = Files.newOutputStream(file);
        Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
      open.flush();
      Path descriptor =
          all.filter(fd -> pointsTo(fd, file)).findFirst().orElseThrow(AssertionError::new);
      AtomicFile.write(descriptor, new byte[] {7});
    }
    assertArrayEquals(new byte[] {7}, Files.readAllBytes(file));
    assertEquals(inode, Files.getAttribute(file, "unix:ino"));
  }

  private static boolean pointsTo(Path link, Path file) {
    try {
      return Files.readSymbolicLink(link).equals(file.toRealPath());
    } catch (IOException gone) {
      return false; // the descriptor of the listing itself
    }
  }

  @Test
  void placesThatCannotBeWrittenAreNamedBeforeAnyWork() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "x");
    AtomicFile.requireWritable(file);
    AtomicFile.requireWritable(folder.resolve("new"));
    IOException isFolder =
        assertThrows(IOException.class, () -> AtomicFile.requireWritable(folder));
    assertEquals(folder + " is a folder, but a file is to be written there", isFolder.getMessage());
    assertThrows(IOException.class, () -> AtomicFile.requireWritable(Path.of("/")));
    assertThrows(
        NoSuchFileException.class,
        () -> AtomicFile.requireWritable(folder.resolve("none").resolve("file")));
    Path circle = Files.createSymbolicLink(folder.resolve("circle"), Path.of("circle"));
    assertThrows(IOException.class, () -> AtomicFile.requireWritable(circle));
    assertThrows(IOException.class, () -> AtomicFile.write(circle, new byte[1]));
    assertTrue(Files.isSymbolicLink(circle));
  }

  @Test
  void aFileThatIsProtectedIsNotReplaced() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "old");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r--r--"));
    assumeTrue(!Files.isWritable(file), "an administrator may write everything");
    assertThrows(AccessDeniedException.class, () -> AtomicFile.write(file, new byte[1]));
    assertEquals("old", Files.readString(file));
  }

  private long files() throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.count();
    }
  }

  private static void make(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    assumeTrue(process.waitFor() == 0, "not allowed here: " + String.join(" ", command));
  }
}
