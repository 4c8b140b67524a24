package io.octet.internal.ffi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.octet.cpu.Cpu;
import io.octet.internal.ffi.Availability.Available;
import io.octet.internal.ffi.Availability.Unavailable;
import io.octet.testkit.ChildJvm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A liboctet that is not the one these bindings are of, in a process of its own: it is turned away
/// by its version, and the processor is described without it.
class OtherVersionTest {
  private static final String NAME = System.mapLibraryName("octet");

  @TempDir Path folder;

  /// Prints why liboctet is unavailable, and who described the processor.
  static final class Probe {
    private Probe() {}

    public static void main(String[] arguments) {
      System.out.println(
          Natives.octet() instanceof Unavailable(String reason) ? reason : "available");
      System.out.println(Cpu.detect().source());
    }
  }

  private static void assertTurnedAway(Path folder, String reason) {
    List<String> lines =
        ChildJvm.run(List.of("octet.libraryPath=" + folder), Probe.class)
            .expect(0)
            .lines()
            .toList();
    assertTrue(lines.getFirst().contains(reason), lines::toString);
    assertTrue(!lines.getLast().equals("cpuid") && !lines.getLast().equals("hwcap"));
    assertEquals(2, lines.size(), lines::toString);
  }

  @Test
  void ofAnotherAbiVersion() {
    Path other = Path.of("../native/target/cmake/release/tests/other_abi").toAbsolutePath();
    assumeTrue(
        Files.isReadable(other.resolve(NAME)),
        () -> "SKIPPED: " + NAME + " of another version was not built: no cmake or compiler here");
    int found = OctetConstants.ABI_VERSION + 98;
    assertTurnedAway(
        other, "has abi version " + found + ", expected " + OctetConstants.ABI_VERSION);
  }

  @Test
  void aLibraryWithoutAVersion() throws Exception {
    Availability any = Natives.openmp();
    assumeTrue(any instanceof Available, () -> "SKIPPED: no other library at hand: " + any);
    Files.copy(((Available) any).file(), folder.resolve(NAME));
    assertTurnedAway(folder, "has abi version 0, expected " + OctetConstants.ABI_VERSION);
  }

  @Test
  void noLibraryAtAll() throws Exception {
    Files.writeString(folder.resolve(NAME), "no library");
    assertTurnedAway(folder, "could not be loaded");
  }
}
