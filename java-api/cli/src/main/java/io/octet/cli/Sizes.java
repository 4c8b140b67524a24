package io.octet.cli;

import java.util.Locale;

/// Numbers as people read them.
final class Sizes {
  private Sizes() {}

  /// "1.06 MB" (10^6 bytes), "4.1 kB", "12 bytes".
  static String bytes(long bytes) {
    if (bytes < 1_000) {
      return bytes + " bytes";
    }
    return bytes < 1_000_000
        ? String.format(Locale.ROOT, "%.1f kB", bytes / 1e3)
        : String.format(Locale.ROOT, "%.2f MB", bytes / 1e6);
  }

  /// "272,474".
  static String count(long n) {
    return String.format(Locale.ROOT, "%,d", n);
  }

  /// "0.512 ms".
  static String millis(double ms) {
    return String.format(Locale.ROOT, "%.3f ms", ms);
  }

  /// "3.91x".
  static String times(double ratio) {
    return String.format(Locale.ROOT, "%.2fx", ratio);
  }

  /// "3.91x smaller".
  static String smaller(long before, long after) {
    return times((double) before / after) + " smaller";
  }

  /// "1.86x faster", or "1.20x slower".
  static String faster(double before, double after) {
    return before >= after ? times(before / after) + " faster" : times(after / before) + " slower";
  }

  /// "12.3".
  static String tenths(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }

  /// "+0.04", "-0.10".
  static String signed(double value) {
    return String.format(Locale.ROOT, "%+.2f", value);
  }

  /// "93.67%", of a fraction.
  static String percent(double fraction) {
    return String.format(Locale.ROOT, "%.2f%%", 100 * fraction);
  }
}
