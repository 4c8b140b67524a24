package io.octet.internal.kernel;

/// What a backend answers when it is asked for a kernel. A refusal is kept: it is the fallback
/// report.
public sealed interface Support {
  /// The kernel, made; whoever asked closes it.
  record Supported(Kernel kernel) implements Support {}

  /// Why not.
  record Refused(RefusalCode code, String detail) implements Support {}
}
