package io.octet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.octet.io.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/// The command within the tests' own process.
final class Octet {
  /// Options under which the demo's images become what its network was trained on.
  static final String[] FASHION = {"--mean", "0.2860", "--std", "0.3530"};

  private Octet() {}

  /// What one run of a verb left behind.
  record Outcome(int exit, String out, String err) {
    /// The one JSON object on standard output.
    Map<String, Object> json() throws IOException {
      assertEquals(1, out.lines().count(), this::toString);
      return Json.parse(out, "standard output");
    }

    /// Fails unless the verb ended so.
    Outcome expect(int expected) {
      assertEquals(expected, exit, this::toString);
      return this;
    }
  }

  /// Runs a verb as in a pipe. Arguments may be strings, paths and numbers, and arrays of strings.
  static Outcome run(Object... arguments) {
    return run(false, arguments);
  }

  /// Runs a verb as if a person watched.
  static Outcome watched(Object... arguments) {
    return run(true, arguments);
  }

  private static Outcome run(boolean terminal, Object... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] words =
        Arrays.stream(arguments)
            .flatMap(
                a ->
                    a instanceof String[] several
                        ? Arrays.stream(several)
                        : Arrays.stream(new String[] {a.toString()}))
            .toArray(String[]::new);
    int exit = Main.run(new PrintWriter(out), new PrintWriter(err), terminal, words);
    return new Outcome(exit, out.toString(), err.toString());
  }

  /// A copy of one of the demo's files.
  static Path demoFile(Path folder, String name) throws IOException {
    Path file = folder.resolve(name);
    if (!Files.exists(file)) {
      try (InputStream in = Main.class.getResourceAsStream("demo/" + name)) {
        Files.copy(in, file);
      }
    }
    return file;
  }
}
