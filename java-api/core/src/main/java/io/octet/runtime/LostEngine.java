package io.octet.runtime;

import io.octet.internal.ffi.Availability.Available;
import io.octet.internal.ffi.Availability.Unavailable;
import io.octet.internal.ffi.Natives;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Says that oneDNN is not there, which every network feels: one in FP32 has no fallbacks to
/// report, and would only be slow.
final class LostEngine {
  private static final System.Logger LOG = System.getLogger("io.octet.runtime");

  /// Each reason is said once, not by every session.
  private static final Set<String> TOLD = ConcurrentHashMap.newKeySet();

  private LostEngine() {}

  /// Logs a warning where oneDNN cannot be called and nobody has said so yet for that reason.
  ///
  /// @throws IllegalCallerException where the JVM denies native access; its message has the flag
  static void tell() {
    switch (Natives.onednn()) {
      case Available _ -> {}
      case Unavailable(String reason) -> {
        if (TOLD.add(reason)) {
          LOG.log(
              System.Logger.Level.WARNING,
              "oneDNN is unavailable, so networks run in Java, many times slower: " + reason);
        }
      }
    }
  }
}
