package io.octet.cli.measure;

import java.util.function.LongConsumer;

/// Somebody who is told how far a piece of work has come, and when it is over.
public interface Watch extends LongConsumer, AutoCloseable {
  /// Begins to watch a piece of work.
  @FunctionalInterface
  interface Maker {
    /// @param what its name, for people
    /// @param total what [Watch#accept] is given in the end
    Watch begin(String what, long total);
  }

  @Override
  void close();
}
