package io.octet.internal.lower;

/// What a compilation may do.
///
/// @param exact no named deviation from the literal graph: no Q -> DQ pair is elided, and every
///   int8 kernel rounds as the oracle does
/// @param literal every node by itself, in float wherever the graph says float: slow, for
///   comparisons
public record CompileOptions(boolean exact, boolean literal) {
  /// Fusing, with the named deviations.
  public static final CompileOptions DEFAULT = new CompileOptions(false, false);
}
