package io.octet.internal.kernel;

/// A kernel bound to one workspace. One thread at a time; a run allocates nothing.
public interface Invocation extends AutoCloseable {
  /// Computes the output from the inputs.
  void run();

  /// Frees what the binding owns.
  @Override
  default void close() {}
}
