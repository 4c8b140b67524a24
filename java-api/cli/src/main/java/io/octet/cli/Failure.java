package io.octet.cli;

import io.octet.OctetException;
import io.octet.io.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/// Turns exceptions into one sentence and an exit code. Stack traces are for internal errors, and
/// for whoever asks.
///
/// @param json whether standard output must get its one JSON object even so
record Failure(boolean json) {
  /// A verb that failed while it worked.
  int execution(Exception e, CommandLine verb) {
    if (e instanceof ParameterException usage) {
      return usage(usage);
    }
    Throwable cause = e instanceof UncheckedIOException wrapped ? wrapped.getCause() : e;
    int exit = exit(cause);
    boolean trace = exit == Exit.INTERNAL || ((Verb) verb.getCommand()).wantsStackTrace();
    if (trace) {
      cause.printStackTrace(verb.getErr());
    }
    say(verb, exit, message(cause));
    return exit;
  }

  /// An error of the JVM or of Octet itself.
  int internal(Error e, CommandLine command) {
    e.printStackTrace(command.getErr());
    say(command, Exit.INTERNAL, e.toString());
    return Exit.INTERNAL;
  }

  /// Arguments that picocli, or a verb, refused.
  int usage(ParameterException e) {
    CommandLine verb = e.getCommandLine();
    say(verb, Exit.USAGE, words(e));
    verb.getErr().println("Try: " + verb.getCommandSpec().qualifiedName() + " --help");
    return Exit.USAGE;
  }

  private static String words(ParameterException e) {
    if (e instanceof UnmatchedArgumentException stray) {
      String first = "unknown argument \"" + stray.getUnmatched().getFirst() + "\"";
      List<String> likely = stray.getSuggestions();
      return likely.isEmpty() ? first : first + "; did you mean " + likely.getFirst() + "?";
    }
    return e.getMessage();
  }

  private void say(CommandLine verb, int exit, String message) {
    verb.getErr().println(verb.getCommandSpec().qualifiedName() + ": " + message);
    if (json) {
      Map<String, Object> error = new LinkedHashMap<>();
      error.put("exit", exit);
      error.put("message", message);
      verb.getOut().println(Json.line(Map.of("error", error)));
    }
  }

  private static int exit(Throwable e) {
    return switch (e) {
      case Refusal r -> Exit.REFUSED;
      case OctetException.Unsupported u -> Exit.REFUSED;
      case IllegalCallerException denied -> Exit.REFUSED; // native access: its message has the flag
      case OctetException.InvalidModel m -> Exit.BAD_INPUT;
      case IOException io -> Exit.BAD_INPUT;
      case IllegalArgumentException a -> Exit.BAD_INPUT;
      default -> Exit.INTERNAL;
    };
  }

  private static String message(Throwable e) {
    return switch (e) {
      case NoSuchFileException f -> "there is no file or folder " + f.getFile();
      case AccessDeniedException f -> "no permission for " + f.getFile();
      case FileAlreadyExistsException f -> f.getFile() + " is there already";
      default -> e.getMessage() == null ? e.toString() : e.getMessage();
    };
  }
}
