package io.octet.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.octet.internal.ffi.Availability.Available;
import io.octet.internal.ffi.DnnlIsa;
import io.octet.internal.ffi.Natives;
import java.util.List;
import java.util.Locale;

/// Programs in a JVM of their own under `-Doctet.maxIsa`.
public final class CappedJvm {
  private CappedJvm() {}

  /// What the program printed; the test fails where its exit status is not 0, and is skipped where
  /// this processor lacks the instruction set, as every one but x86's does.
  ///
  /// @param isa as `octet.maxIsa` takes it
  /// @param program its last line starts with the instruction set that it ran under
  public static List<String> run(String isa, Class<?> program, String... arguments) {
    Machine.requireX86();
    String out = ChildJvm.run(List.of("octet.maxIsa=" + isa), program, arguments).expect(0);
    List<String> lines = out.strip().lines().toList();
    String actual = lines.getLast().split(" ")[0];
    assumeTrue(
        actual.equals(isa), () -> "SKIPPED: this processor has no " + isa + ", but " + actual);
    return lines;
  }

  /// Whether such a program had FBGEMM, which must be as here, and never below AVX2. A process that
  /// is restricted itself knows only the latter: the program was not.
  ///
  /// @param availability what the program printed of `Natives.fbgemm()`
  public static boolean hadFbgemm(String isa, String availability) {
    boolean had = availability.startsWith("Available");
    boolean avx2 = DnnlIsa.valueOf(isa.toUpperCase(Locale.ROOT)).includes(DnnlIsa.AVX2);
    boolean restricted =
        System.getProperty("octet.libraryPath") != null
            || System.getProperty(DnnlIsa.CAP_PROPERTY) != null;
    boolean here = restricted ? had : Natives.fbgemm() instanceof Available;
    assertEquals(here && avx2, had, availability);
    return had;
  }
}
