package io.octet.cli;

import io.octet.OctetException.InvalidModel;
import io.octet.graph.Graph;
import io.octet.io.Json;
import io.octet.onnx.Onnx;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// What every verb has: `--json`, `--help`, `--stacktrace`, and an answer that is printed the one
/// way or the other.
@Command(
    sortOptions = false,
    descriptionHeading = "%n",
    parameterListHeading = "%n",
    optionListHeading = "%n",
    footerHeading = "%nExamples:%n")
abstract class Verb implements Callable<Integer> {
  private static final int MOST_SECONDS = 86_400;

  @Spec private CommandSpec spec;

  @Option(
      names = "--json",
      order = 90,
      description = "Print one JSON object on standard output, everything else on standard error.")
  private boolean json;

  @Option(names = "--stacktrace", order = 91, description = "Show where an error came from.")
  private boolean stackTrace;

  @Option(
      names = {"-h", "--help"},
      order = 92,
      usageHelp = true,
      description = "Show this help.")
  private boolean help;

  private boolean terminal;

  /// Does the work. Progress goes to [#progress], notes to [#note].
  abstract VerbResult answer() throws Exception;

  @Override
  public final Integer call() throws Exception {
    VerbResult answer = answer();
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(Json.line(answer.json()));
    } else {
      out.print(answer.text());
    }
    return answer.exit();
  }

  /// A line on standard error.
  final void note(String line) {
    spec.commandLine().getErr().println(line);
  }

  /// A bar on standard error where a person watches, nothing elsewhere.
  final Progress progress(String what, long total) {
    return new Progress(spec.commandLine().getErr(), terminal, what, total);
  }

  /// An error of usage, to be thrown.
  final ParameterException misuse(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  /// Refuses a count that no model could make right.
  final void require(String option, long value, long most) {
    if (value < 1 || value > most) {
      throw misuse(option + " must be 1 to " + most + ", not " + value);
    }
  }

  /// Refuses a time that is none, or too long to be meant.
  final void requireSeconds(double seconds) {
    if (!(seconds > 0 && seconds <= MOST_SECONDS)) {
      throw misuse("--seconds must be above 0 and at most " + MOST_SECONDS + ", not " + seconds);
    }
  }

  /// The network in a file; what is wrong with it is said with the file's name.
  final Graph read(Path model, DimOption dims) throws IOException {
    return readModel(model, dims).graph();
  }

  /// The same, with what the file says beside the network.
  final Onnx.Model readModel(Path model, DimOption dims) throws IOException {
    if (Files.isDirectory(model)) {
      throw new IllegalArgumentException(model + " is a folder, but a model was expected");
    }
    try {
      return Onnx.readModel(model, dims.get());
    } catch (InvalidModel e) {
      throw new InvalidModel(model + ": " + e.getMessage(), e);
    }
  }

  final void setTerminal(boolean terminal) {
    this.terminal = terminal;
  }

  final boolean wantsStackTrace() {
    return stackTrace;
  }
}
