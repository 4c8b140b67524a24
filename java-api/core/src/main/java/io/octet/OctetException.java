package io.octet;

/// What Octet throws when the fault is not the caller's argument (those are the JDK's own
/// exceptions).
public sealed class OctetException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private OctetException(String message, Throwable cause) {
    super(message, cause);
  }

  /// A model that cannot be what its author meant: the message names the node or the tensor.
  public static final class InvalidModel extends OctetException {
    private static final long serialVersionUID = 1L;

    /// @param message what came, what was expected, and in which node or tensor
    public InvalidModel(String message) {
      super(message, null);
    }

    /// @param message what came, what was expected, and in which node or tensor
    /// @param cause the failure that revealed it
    public InvalidModel(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /// A valid model, or a valid request, that no backend here can serve: the message lists every
  /// refusal.
  public static final class Unsupported extends OctetException {
    private static final long serialVersionUID = 1L;

    /// @param message what was asked for, and each backend's refusal
    public Unsupported(String message) {
      super(message, null);
    }
  }

  /// A native call that failed.
  public static final class NativeFailure extends OctetException {
    private static final long serialVersionUID = 1L;
    private final String symbol;
    private final int status;

    /// @param symbol the C function that failed
    /// @param status the status it returned
    /// @param text the native library's own words for that status
    public NativeFailure(String symbol, int status, String text) {
      super(symbol + " failed with status " + status + " (" + text + ")", null);
      this.symbol = symbol;
      this.status = status;
    }

    /// The C function that failed.
    public String symbol() {
      return symbol;
    }

    /// The status it returned.
    public int status() {
      return status;
    }
  }
}
