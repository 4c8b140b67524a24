package io.octet.internal.ffi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.octet.internal.ffi.Loading.Cause;
import io.octet.internal.ffi.Loading.Failed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What the system's loader says of a file that it refuses, and what follows from it.
class SystemLoaderTest {
  @TempDir Path folder;

  @Test
  void itsOwnWordsAreKept() throws IOException {
    assumeTrue(!Platform.HERE.isWindows(), "SKIPPED: Windows has no words");
    Path file = Files.writeString(folder.resolve("library.so"), "this is no library at all");
    Failed failed = assertInstanceOf(Failed.class, SystemLoader.load(file));
    assertEquals(Cause.PASSING, failed.cause());
    String said = failed.reason().substring(failed.reason().indexOf("could not be loaded: "));
    assertTrue(said.length() > 40, said);
    if (Platform.HERE.isLinux()) {
      assertTrue(said.contains("file too short") || said.contains("invalid ELF header"), said);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          FOLDER  | x.so: failed to map segment from shared object | noexec
          FOLDER  | x.so: failed to map segment from shared object: Operation not permitted | noexec
          PASSING | x.so: failed to map segment from shared object: Cannot allocate memory | allocate
          LASTING | /lib/libc.so.6: version `GLIBC_2.34' not found (required by x.so) | newer C library
          LASTING | Error relocating x.so: __strdup: symbol not found | musl
          PASSING | libgfortran.so.5: cannot open shared object file: No such file | libgfortran
          PASSING | x.so: invalid ELF header | ELF
          """)
  void aComplaintTellsWhetherAnotherAttemptCouldHelp(Cause cause, String complaint, String names) {
    Failed failed = SystemLoader.failure(Path.of("x.so"), complaint);
    assertEquals(cause, failed.cause());
    assertTrue(failed.reason().contains(complaint), failed.reason());
    assertTrue(failed.reason().contains(names), failed.reason());
  }
}
