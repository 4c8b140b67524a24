package io.octet.cli.report;

import java.util.Locale;

/// Text and numbers as HTML shows them.
final class Html {
  private Html() {}

  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  /// A real with three figures: "0.0123", "-1.50", "128".
  static String real(double value) {
    double size = Math.abs(value);
    if (value == 0) {
      return "0";
    }
    if (size >= 100 && size < 1e6) {
      return String.format(Locale.ROOT, "%.0f", value);
    }
    return size >= 0.001 && size < 100
        ? String.format(Locale.ROOT, size >= 10 ? "%.1f" : size >= 0.1 ? "%.2f" : "%.4f", value)
        : String.format(Locale.ROOT, "%.2e", value);
  }

  /// Number with as many decimals.
  static String fixed(double value, int decimals) {
    return String.format(Locale.ROOT, "%." + decimals + "f", value);
  }

  static String percent(double part, int decimals) {
    return fixed(100 * part, decimals) + "%";
  }

  static String megabytes(long bytes) {
    return bytes < 1_000_000 ? fixed(bytes / 1e3, 1) + " kB" : fixed(bytes / 1e6, 2) + " MB";
  }
}
