package io.octet.runtime;

/// What a session does about a fallback: a node whose inputs are int8, whose operator has an int8
/// kernel, and which runs in FP32 all the same. {@link #WARN} and {@link #FAIL} make a quantized
/// network's plan for free axes of 1 when its session opens, which is when they speak. A network
/// that cannot run on such inputs opens without; then they speak of the first plan that is made.
public enum FallbackPolicy {
  /// Nothing; {@link Session#explain} shows them.
  ALLOW,
  /// They are logged, with their reasons, once in a session.
  WARN,
  /// A session with one does not open; the exception lists all of them. Inputs of a shape for which
  /// there is one later on are refused with the same exception.
  FAIL
}
