package io.octet.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A program in a process of its own, for what is fixed once per process.
public final class ChildJvm {
  private ChildJvm() {}

  /// What a child left behind.
  ///
  /// @param out standard output
  public record Outcome(int exit, String out) {
    /// Standard output, after failing unless the child ended so.
    public String expect(int expected) {
      assertEquals(expected, exit, out);
      return out;
    }
  }

  /// Runs `main` on this process's class path; standard error is this process's.
  ///
  /// @param properties such as "octet.maxIsa=avx2"; of this process's own the child has where it
  ///   unpacks libraries, and no other
  public static Outcome run(List<String> properties, Class<?> main, String... arguments) {
    return run(command(System.getProperty("java.class.path"), properties, main, arguments));
  }

  /// The command that runs `main` on that class path, for whoever runs it under something else.
  public static List<String> command(
      String classPath, List<String> properties, Class<?> main, String... arguments) {
    return commandOf(classPath, properties.stream().map(p -> "-D" + p).toList(), main, arguments);
  }

  /// Runs `main` on this process's class path under another command, such as one that sets limits.
  ///
  /// @param wrapper the command in front of `java`
  /// @param options of the child's JVM, such as "-Xmx256m"
  public static Outcome run(
      List<String> wrapper, List<String> options, Class<?> main, String... arguments) {
    List<String> command = new ArrayList<>(wrapper);
    command.addAll(commandOf(System.getProperty("java.class.path"), options, main, arguments));
    return run(command);
  }

  private static List<String> commandOf(
      String classPath, List<String> options, Class<?> main, String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--illegal-native-access=deny",
                "-D" + OwnCache.PROPERTY + "=" + System.getProperty(OwnCache.PROPERTY),
                "-cp",
                classPath));
    command.addAll(options);
    command.add(main.getName());
    command.addAll(List.of(arguments));
    return command;
  }

  /// Runs a command to its end; standard error is this process's.
  public static Outcome run(List<String> command) {
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Outcome(process.waitFor(), out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
