package io.octet.internal.ffi;

import io.octet.internal.ffi.Availability.Available;
import io.octet.internal.ffi.Availability.Unavailable;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Path;

/// What came of an attempt to load a library.
sealed interface Loading {

  /// It is in the process, for good.
  record Loaded(Path file, SymbolLookup symbols) implements Loading {}

  /// It is not.
  ///
  /// @param reason one sentence for a person, with what would help
  /// @param cause whether another attempt could end otherwise
  record Failed(String reason, Cause cause) implements Loading {}

  /// What a failure depends on.
  enum Cause {
    /// This build, this system or this processor: the same in every attempt.
    LASTING,
    /// What may change while the process runs: the disk, memory, a file, a mount.
    PASSING,
    /// The folder that the file lies in: in another one the same file may load.
    FOLDER
  }

  static Failed lasting(String reason) {
    return new Failed(reason, Cause.LASTING);
  }

  static Failed passing(String reason) {
    return new Failed(reason, Cause.PASSING);
  }

  /// What callers hear of it.
  default Availability availability() {
    return switch (this) {
      case Loaded(Path file, SymbolLookup _) -> new Available(file);
      case Failed(String reason, Cause cause) ->
          new Unavailable(
              cause == Cause.LASTING ? reason : reason + " (the next session tries again)");
    };
  }
}
