package io.octet.cli;

/// What a verb throws when it could go on but should not.
final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /// @param message what was refused, why, and what to do
  Refusal(String message) {
    super(message);
  }
}
