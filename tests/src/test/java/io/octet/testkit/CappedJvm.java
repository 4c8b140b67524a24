package io.octet.testkit;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;

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
}
