package io.octet.cli;

import io.octet.cli.measure.SessionDefaults;
import io.octet.runtime.FallbackPolicy;
import io.octet.runtime.NodeReport;
import io.octet.runtime.SessionOptions;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/// `--fallback` and `--measure`, of every verb that runs a model.
final class RunOptions {
  @Option(
      names = "--fallback",
      paramLabel = "POLICY",
      converter = Words.Policy.class,
      description =
          "What to do about nodes that the model quantizes and that cannot run in int8 here:"
              + " allow, warn (a line on standard error, the default), or fail (exit code 1, with"
              + " all of them and the reasons).")
  private FallbackPolicy policy = FallbackPolicy.WARN;

  @Option(
      names = "--measure",
      description =
          "Give layers to FP32 where that is faster here, by the clock: some 50 ms for each layer"
              + " before the first run, and other bits from machine to machine and day to day."
              + " octet explain --measure tells which.")
  private boolean measure;

  /// Options for a session. It refuses to open where that was asked for; the warning is the verb's.
  SessionOptions session() {
    SessionOptions.Builder options = SessionDefaults.get().toBuilder();
    if (measure) {
      options.kernels(k -> k.measured(true));
    }
    if (policy == FallbackPolicy.FAIL) {
      options.checks(c -> c.fallback(policy));
    }
    return options.build();
  }

  /// The line of a warning, where there is cause and nobody allowed it.
  Optional<String> warning(List<NodeReport> nodes, String advice) {
    long n = nodes.stream().filter(NodeReport::fellBack).count();
    return n == 0 || policy != FallbackPolicy.WARN
        ? Optional.empty()
        : Optional.of(
            "%d node%s back to FP32 here: %s".formatted(n, n == 1 ? " falls" : "s fall", advice));
  }
}
