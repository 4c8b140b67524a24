package io.octet.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.octet.internal.ffi.Availability.Available;
import io.octet.internal.ffi.DnnlIsa;
import io.octet.internal.ffi.Natives;
import java.util.List;

/// Programs in a JVM of their own under `-Doctet.maxIsa`.
public final class CappedJvm {
  private CappedJvm() {}

  /// The instruction sets that the tests of a whole process run under.
  public static List<DnnlIsa> caps() {
    return List.of(
        DnnlIsa.SSE41,
        DnnlIsa.AVX2,
        DnnlIsa.AVX2_VNNI,
        DnnlIsa.AVX512_CORE,
        DnnlIsa.AVX512_CORE_VNNI,
        DnnlIsa.AVX512_CORE_AMX);
  }

  /// What the program printed; the test fails where its exit status is not 0, and is skipped where
  /// this processor lacks the instruction set, as every one but x86's does.
  ///
  /// @param isa the cap
  /// @param program its last line starts with the instruction set that it ran under
  public static List<String> run(DnnlIsa isa, Class<?> program, String... arguments) {
    Machine.requireX86();
    String out =
        ChildJvm.run(List.of(DnnlIsa.CAP_PROPERTY + "=" + isa.text()), program, arguments)
            .expect(0);
    List<String> lines = out.strip().lines().toList();
    String actual = lines.getLast().split(" ")[0];
    assumeTrue(
        actual.equals(isa.text()),
        () -> "SKIPPED: this processor has no " + isa.text() + ", but " + actual);
    return lines;
  }

  /// Whether such a program had FBGEMM, which must be as here, and never below AVX2. A process that
  /// is restricted itself knows only the latter: the program was not.
  ///
  /// @param availability what the program printed of `Natives.fbgemm()`
  public static boolean hadFbgemm(DnnlIsa isa, String availability) {
    boolean had = availability.startsWith("Available");
    boolean restricted =
        System.getProperty("octet.libraryPath") != null
            || System.getProperty(DnnlIsa.CAP_PROPERTY) != null;
    boolean here = restricted ? had : Natives.fbgemm() instanceof Available;
    assertEquals(here && isa.includes(DnnlIsa.AVX2), had, availability);
    return had;
  }
}
