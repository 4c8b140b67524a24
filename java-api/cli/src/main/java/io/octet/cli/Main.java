package io.octet.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// The command `octet`: picks the verb. Results go to standard output, everything else to standard
/// error.
@Command(
    name = "octet",
    description = "Runs trained networks in int8 on the CPU.",
    subcommands = {
      CpuVerb.class,
      OpsVerb.class,
      DemoVerb.class,
      InspectVerb.class,
      QuantizeVerb.class,
      RunVerb.class,
      EvalVerb.class,
      BenchVerb.class,
      ExplainVerb.class
    },
    synopsisSubcommandLabel = "VERB",
    commandListHeading = "%nVerbs:%n",
    footerHeading = "%nExamples:%n",
    footer = {
      "  octet demo                       see it work, on a network that comes along",
      "  octet cpu                        what this processor can do",
      "  octet quantize net.onnx net8.onnx --calibration train.npz",
      "  octet VERB --help                options of a verb, with examples",
      "",
      "Exit codes: 0 done, 1 refused or gate failed, 2 usage, 3 bad input, 4 internal."
    })
public final class Main implements Runnable {
  @Spec private CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  private boolean help;

  private Main() {}

  /// Runs one verb and ends the process with its exit code.
  public static void main(String[] args) {
    System.setProperty("java.awt.headless", "true");
    Locale.setDefault(Locale.ROOT); // numbers read the same everywhere
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    String[] verb = Stream.of(args).filter(argument -> !defines(argument)).toArray(String[]::new);
    int exit = run(out, err, Progress.onTerminal(), verb);
    out.flush();
    System.exit(exit);
  }

  /// Sets the system property of a `-Dname=value` and tells that it was one. A Windows batch file
  /// cannot pick these out of its arguments: it would split them at the `=`.
  private static boolean defines(String argument) {
    if (!argument.startsWith("-D") || argument.length() == 2) {
      return false;
    }
    String[] pair = argument.substring(2).split("=", 2);
    if (!pair[0].isEmpty()) {
      System.setProperty(pair[0], pair.length > 1 ? pair[1] : "");
    }
    return true;
  }

  /// Runs one verb within this process.
  ///
  /// @param out where results go
  /// @param err where progress and errors go
  /// @param terminal whether a person watches `err`: progress bars are drawn
  /// @param args the verb and its arguments
  /// @return the exit code
  public static int run(PrintWriter out, PrintWriter err, boolean terminal, String... args) {
    CommandLine command = new CommandLine(new Main());
    Failure failures = new Failure(List.of(args).contains("--json"));
    command
        .setOut(out)
        .setErr(err)
        .setExecutionExceptionHandler((e, at, parsed) -> failures.execution(e, at))
        .setParameterExceptionHandler((e, parsed) -> failures.usage(e));
    command
        .getSubcommands()
        .values()
        .forEach(verb -> ((Verb) verb.getCommand()).setTerminal(terminal));
    int exit = execute(command, args, failures);
    out.flush();
    err.flush();
    return exit;
  }

  /// picocli hands exceptions to the handlers, and lets errors through: a missing class, too little
  /// memory.
  private static int execute(CommandLine command, String[] args, Failure failures) {
    try {
      return command.execute(args);
    } catch (Error e) {
      return failures.internal(e, command);
    }
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "which verb? There are " + verbs());
  }

  private String verbs() {
    return String.join(", ", spec.subcommands().keySet());
  }
}
