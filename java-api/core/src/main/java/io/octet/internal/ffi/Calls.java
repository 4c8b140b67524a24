package io.octet.internal.ffi;

/// What every binding does with the `Throwable` that `invokeExact` declares.
final class Calls {
  private Calls() {}

  /// C functions throw nothing; what arrives here comes from the JVM and rises as it is.
  static RuntimeException unreachable(Throwable t) {
    return switch (t) {
      case RuntimeException e -> e;
      case Error e -> throw e;
      default -> throw new AssertionError("a C function threw", t);
    };
  }
}
