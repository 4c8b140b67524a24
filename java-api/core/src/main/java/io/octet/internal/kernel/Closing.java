package io.octet.internal.kernel;

/// Closes one thing after the other, whatever one of them throws, and tells of the first failure at
/// the end.
public final class Closing {
  private Throwable failure;

  /// Closes it, and goes on whatever it throws.
  public void close(AutoCloseable next) {
    try {
      next.close();
    } catch (Throwable t) {
      if (failure == null) {
        failure = t;
      } else if (failure != t) {
        failure.addSuppressed(t);
      }
    }
  }

  /// Throws what was thrown first, if anything was.
  public void end() {
    switch (failure) {
      case null -> {}
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      case Throwable t -> throw new IllegalStateException("closing failed", t);
    }
  }
}
