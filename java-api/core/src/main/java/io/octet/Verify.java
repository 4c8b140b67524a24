package io.octet;

/// How far a kernel is checked on this machine when it is made, before it serves. One that fails is
/// passed over with the refusal `failed_self_check`: the engine's next implementation serves, or
/// the next backend. What was found is remembered, so that a check happens once.
public enum Verify {
  /// Kernels are trusted.
  OFF,
  /// Each runs twice on known values, over memory filled in two ways: both answers must be the
  /// same, and some of their elements what the reference computes.
  SAMPLE,
  /// The same with every element. Slow: the reference is plain Java.
  FULL;

  /// The system property that says it for all sessions: `off`, `sample` or `full`.
  public static final String PROPERTY = "octet.verify";

  /// What `octet.verify` says; {@link #SAMPLE} where it is not set.
  ///
  /// @throws IllegalArgumentException if it says something else
  public static Verify preferred() {
    String name = System.getProperty(PROPERTY, "").strip();
    return switch (name) {
      case "", "sample" -> SAMPLE;
      case "off" -> OFF;
      case "full" -> FULL;
      default ->
          throw new IllegalArgumentException(
              PROPERTY + " is \"" + name + "\", expected off, sample or full");
    };
  }
}
