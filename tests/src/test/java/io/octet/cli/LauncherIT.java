package io.octet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.io.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// The script `octet` at the top of the project, as a user calls it.
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the launcher is a POSIX script")
class LauncherIT {
  private static final Path LAUNCHER = Path.of("../octet").toAbsolutePath().normalize();

  @TempDir private Path folder;

  private record Outcome(int status, String out, String err) {}

  @Test
  void printsOneJsonObjectAndNothingElseOnStdout() throws Exception {
    Outcome outcome = octet(Map.of(), "cpu", "--json");
    assertEquals(0, outcome.status(), outcome::err);
    assertEquals(1, outcome.out().lines().count(), outcome::out);
    assertTrue(Json.parse(outcome.out(), "stdout").containsKey("verdict"), outcome::out);
  }

  @Test
  void handsDefinitionsToJavaWhereverTheyStand() throws Exception {
    String property = "-Doctet.libraryPath=" + folder.resolve("it's $HOME"); // not there
    for (List<String> arguments :
        List.of(List.of(property, "cpu", "--json"), List.of("cpu", "--json", property))) {
      Outcome outcome = octet(Map.of(), arguments.toArray(String[]::new));
      assertTrue(outcome.out().contains("it's $HOME"), outcome::toString);
      assertEquals("fp32", verdict(outcome), outcome::toString);
    }
  }

  @Test
  void leavesJavaToolOptionsAlone() throws Exception {
    String options = "-Doctet.libraryPath=" + folder; // empty
    Outcome outcome = octet(Map.of("JAVA_TOOL_OPTIONS", options), "cpu", "--json");
    assertEquals("fp32", verdict(outcome), outcome::toString);
  }

  @Test
  void worksThroughALink() throws Exception {
    Path link = Files.createSymbolicLink(folder.resolve("link"), LAUNCHER);
    Outcome outcome = run(link, Map.of(), "cpu");
    assertEquals(0, outcome.status(), outcome::toString);
  }

  @Test
  void handsTheVerbsExitStatusOn() throws Exception {
    assertEquals(2, octet(Map.of(), "no such verb").status());
  }

  private static Object verdict(Outcome outcome) throws IOException {
    return ((Map<?, ?>) Json.parse(outcome.out(), "stdout").get("verdict")).get("path");
  }

  private Outcome octet(Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    return run(LAUNCHER, environment, arguments);
  }

  private Outcome run(Path launcher, Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(List.of(arguments));
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().putAll(environment);
    Process process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    assertTrue(process.waitFor(5, TimeUnit.MINUTES), () -> command + " hangs");
    return new Outcome(process.exitValue(), Files.readString(out), Files.readString(err));
  }
}
