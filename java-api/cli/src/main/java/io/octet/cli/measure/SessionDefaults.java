package io.octet.cli.measure;

import io.octet.runtime.FallbackPolicy;
import io.octet.runtime.SessionOptions;

/// How the command opens sessions.
public final class SessionDefaults {
  private SessionDefaults() {}

  /// The process's defaults, without the log of fallbacks: verbs tell of them in their own words.
  public static SessionOptions get() {
    return SessionOptions.builder().checks(c -> c.fallback(FallbackPolicy.ALLOW)).build();
  }
}
