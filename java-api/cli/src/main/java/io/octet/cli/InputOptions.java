package io.octet.cli;

import io.octet.io.Samples;
import io.octet.runtime.SessionOptions;
import picocli.CommandLine.Option;

/// `--allow-nan`, of every verb that runs a model on given data.
final class InputOptions {
  @Option(
      names = "--allow-nan",
      description =
          "Run on inputs that hold NaN. Without this they are refused (exit code 3), because a"
              + " network's answer to NaN may be a plain number.")
  private boolean allowNaN;

  /// These options for a session, with or without a search for NaN.
  SessionOptions in(SessionOptions options) {
    return options.toBuilder().checks(c -> c.refuseNan(!allowNaN)).build();
  }

  /// These samples, with or without such a search.
  Samples in(Samples samples) {
    return allowNaN ? samples.unchecked() : samples;
  }
}
