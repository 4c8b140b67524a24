package io.octet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
  @TempDir Path folder;

  @Test
  void helpNamesEveryVerbAndEveryExitCode() {
    String help = Octet.run("--help").expect(Exit.DONE).out();
    for (String verb :
        new String[] {
          "demo", "cpu", "ops", "inspect", "quantize", "run", "eval", "bench", "explain"
        }) {
      assertTrue(help.contains("\n  " + verb + " "), help);
    }
    assertTrue(help.contains("0 done, 1 refused or gate failed, 2 usage, 3 bad input, 4 internal"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"demo", "cpu", "ops", "inspect", "quantize", "run", "eval", "bench", "explain"})
  void everyVerbHasHelpWithExamplesAndJson(String verb) {
    String help = Octet.run(verb, "--help").expect(Exit.DONE).out();
    assertTrue(help.contains("Examples:"), help);
    assertTrue(help.contains("  octet " + verb), help);
    assertTrue(help.contains("--json"), help);
  }

  @Test
  void noVerbIsAnErrorOfUsage() {
    Octet.Outcome outcome = Octet.run().expect(Exit.USAGE);
    assertEquals("", outcome.out());
    assertTrue(outcome.err().contains("which verb?"), outcome.err());
  }

  @Test
  void anUnknownVerbIsAnErrorOfUsageWithASuggestion() {
    assertTrue(Octet.run("benhc").expect(Exit.USAGE).err().contains("did you mean bench?"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"inspect", "quantize", "run", "eval", "bench", "explain"})
  void aMissingModelIsAnErrorOfUsageAndAMissingFileIsBadInput(String verb) {
    Octet.run(verb).expect(Exit.USAGE);
    Object[] options =
        switch (verb) {
          case "quantize" -> new Object[] {"x", folder.resolve("out"), "--calibration", "x"};
          case "run" -> new Object[] {"x", "--input", "x", "--output", folder.resolve("out")};
          case "eval" -> new Object[] {"x", "--data", "x", "--labels", "x"};
          default -> new Object[] {"x"};
        };
    Octet.Outcome outcome = Octet.run(prepend(verb, options)).expect(Exit.BAD_INPUT);
    assertEquals("octet " + verb + ": there is no file or folder x", outcome.err().strip());
    assertEquals("", outcome.out());
  }

  private static Object[] prepend(String verb, Object... options) {
    Object[] all = new Object[options.length + 1];
    all[0] = verb;
    System.arraycopy(options, 0, all, 1, options.length);
    return all;
  }

  @Test
  void anErrorIsAJsonObjectTooWhereOneWasAskedFor() throws IOException {
    Octet.Outcome outcome = Octet.run("inspect", "none.onnx", "--json").expect(Exit.BAD_INPUT);
    Map<?, ?> error = (Map<?, ?>) outcome.json().get("error");
    assertEquals(Exit.BAD_INPUT, error.get("exit"));
    assertEquals("there is no file or folder none.onnx", error.get("message"));
    assertFalse(outcome.err().isEmpty());
  }

  @Test
  void damagedModelsAreBadInputWithoutAStackTrace() throws IOException {
    Path model = Octet.demoFile(folder, "fashion_resnet20.onnx");
    byte[] whole = Files.readAllBytes(model);
    for (int length : new int[] {0, 1, 100, whole.length / 2, whole.length - 1}) {
      Path cut = Files.write(folder.resolve("cut.onnx"), java.util.Arrays.copyOf(whole, length));
      Octet.Outcome outcome = Octet.run("inspect", cut).expect(Exit.BAD_INPUT);
      assertFalse(outcome.err().contains("\tat "), outcome.err());
      assertTrue(outcome.err().contains(cut.toString()), outcome.err());
    }
  }

  @Test
  void aFolderInPlaceOfAFileIsNamed() throws IOException {
    String err = Octet.run("inspect", folder).expect(Exit.BAD_INPUT).err();
    assertTrue(err.contains(folder + " is a folder"), err);
    Path model = Octet.demoFile(folder, "fashion_resnet20.onnx");
    String labels =
        Octet.run("eval", model, "--data", folder, "--labels", folder).expect(Exit.BAD_INPUT).err();
    assertTrue(labels.contains(folder + ": a folder"), labels);
  }

  @Test
  void aStackTraceIsThereForWhoeverAsks() {
    String err = Octet.run("inspect", "none.onnx", "--stacktrace").expect(Exit.BAD_INPUT).err();
    assertTrue(err.contains("\tat "), err);
  }
}
