package io.octet.internal.ffi;

import java.nio.file.Path;

/// Whether a native library can be called in this process. One that cannot is a value with its
/// reason, not an exception: it becomes an error only where somebody insists on it.
public sealed interface Availability {

  /// The library is loaded.
  ///
  /// @param file where it was loaded from
  record Available(Path file) implements Availability {}

  /// The library cannot be called.
  ///
  /// @param reason one sentence for a person, with what would help
  record Unavailable(String reason) implements Availability {}
}
