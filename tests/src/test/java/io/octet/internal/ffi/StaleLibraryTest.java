package io.octet.internal.ffi;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.octet.cpu.Cpu;
import io.octet.testkit.ChildJvm;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// An upgrade of a jar whose version, size and times are those of the jar before it.
class StaleLibraryTest {
  private static final String NAME = System.mapLibraryName("octet");
  private static final String ENTRY = "io/octet/native/" + Platform.HERE.text() + "/" + NAME;
  private static final Path BUILD = Path.of("../native/target").toAbsolutePath();

  @TempDir Path folder;

  /// Prints who described the processor: liboctet, or, where that was turned away, Java.
  static final class Probe {
    private Probe() {}

    public static void main(String[] arguments) {
      System.out.println(Cpu.detect().source());
    }
  }

  private String source(byte[] library) throws IOException {
    Path jar = Unpacking.jar(folder.resolve("octet-native-1.jar"), ENTRY, library);
    String classPath =
        jar + File.pathSeparator + System.getProperty("java.class.path"); // the first one is taken
    List<String> properties = List.of("octet.cachePath=" + folder.resolve("cache"));
    return ChildJvm.run(ChildJvm.command(classPath, properties, Probe.class)).expect(0).strip();
  }

  private static boolean isLibrary(String source) {
    return List.of("cpuid", "hwcap").contains(source);
  }

  @Test
  void itsNewCodeRuns() throws IOException {
    Path real = BUILD.resolve("classes").resolve(ENTRY);
    Path other = BUILD.resolve("cmake/release/tests/other_abi").resolve(NAME);
    assumeTrue(
        Files.isReadable(real) && Files.isReadable(other),
        () -> "SKIPPED: two builds of " + NAME + " are needed, and this build made none");
    byte[] turnedAway = Files.readAllBytes(other);
    byte[] served = Files.readAllBytes(real);
    int size = Math.max(served.length, turnedAway.length); // a loader ignores what follows
    assertFalse(isLibrary(source(Arrays.copyOf(turnedAway, size))));
    assertTrue(isLibrary(source(Arrays.copyOf(served, size))));
  }
}
