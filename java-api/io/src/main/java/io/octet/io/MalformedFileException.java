package io.octet.io;

import java.io.IOException;

/// A file that is not what its name or its first bytes promise: cut short, of an unknown kind, or
/// with sizes that cannot be. The message names the file and, where it has members, the member.
public final class MalformedFileException extends IOException {
  private static final long serialVersionUID = 1L;

  /// @param where the file, and the member within it
  /// @param problem what came, and what was expected
  public MalformedFileException(String where, String problem) {
    super(where + ": " + problem);
  }

  /// @param where the file, and the member within it
  /// @param problem what came, and what was expected
  /// @param cause the failure that revealed it
  public MalformedFileException(String where, String problem, Throwable cause) {
    super(where + ": " + problem, cause);
  }
}
