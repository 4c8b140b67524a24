package io.octet.runtime;

/// What a session does about a fallback: a node whose inputs are int8, whose operator has an int8
/// kernel, and which runs in FP32 all the same.
public enum FallbackPolicy {
  /// Nothing; {@link Session#explain} shows them.
  ALLOW,
  /// They are logged, with their reasons, when a session makes its first plan.
  WARN,
  /// A session with one does not open; the exception lists all of them.
  FAIL
}
