package io.octet.cli;

import java.util.Map;
import picocli.CommandLine.Option;

/// `--dim`, of every verb that reads a model.
final class DimOption {
  @Option(
      names = "--dim",
      paramLabel = "name=1",
      description =
          "The size of a free axis of the model's inputs, by the name that inspect shows; may be"
              + " repeated. The model is read with it, as if the file had it.")
  private Map<String, Long> sizes = Map.of();

  /// Sizes by the names of axes.
  Map<String, Long> get() {
    return sizes;
  }
}
