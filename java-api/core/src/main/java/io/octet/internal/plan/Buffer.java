package io.octet.internal.plan;

import io.octet.internal.kernel.Constant;

/// A piece of memory that steps read or write, before it has an address.
///
/// @param kind who fills it, and how long its content matters
/// @param bytes its size
/// @param constant its content where the kind is {@link Kind#CONSTANT}, in memory order
/// @param shared whether that constant is the same for all plans, so that one copy serves them
public record Buffer(Kind kind, long bytes, Constant constant, boolean shared) {
  public enum Kind {
    /// A copy of a caller's input, written before the first step.
    INPUT,
    /// The same, but written anew before every run: a kernel may overwrite it.
    SPENT_INPUT,
    /// Made and consumed by steps.
    VALUE,
    /// The same in every run, shared by all workspaces.
    CONSTANT;

    boolean isInput() {
      return this == INPUT || this == SPENT_INPUT;
    }

    boolean mayBeOverwritten() {
      return this == VALUE || this == SPENT_INPUT;
    }
  }

  public static Buffer input(Kind kind, long bytes) {
    return new Buffer(kind, bytes, null, false);
  }

  public static Buffer value(long bytes) {
    return new Buffer(Kind.VALUE, bytes, null, false);
  }

  /// @param shared whether other plans have the same
  public static Buffer constant(Constant constant, boolean shared) {
    return new Buffer(Kind.CONSTANT, constant.bytes(), constant, shared);
  }
}
