package io.octet.cli.report;

/// How often values fell into equal intervals.
///
/// @param min the lower end of the first interval
/// @param max the upper end of the last, above `min`
/// @param counts values in each interval
public record Histogram(double min, double max, long[] counts) {
  /// Validates and copies.
  public Histogram {
    if (!(min < max) || counts.length == 0) {
      throw new IllegalArgumentException(
          "a histogram needs min < max and a bin, but got " + min + ", " + max);
    }
    counts = counts.clone();
  }

  @Override
  public long[] counts() {
    return counts.clone();
  }

  /// The interval that `value` falls into; those outside fall into the first or last.
  public static int bin(double value, double min, double max, int bins) {
    return Math.clamp((long) ((value - min) / (max - min) * bins), 0, bins - 1);
  }

  /// The part of values in intervals that lie outside `low` to `high`, 0 to 1.
  double outside(double low, double high) {
    double width = (max - min) / counts.length;
    long all = 0;
    long out = 0;
    for (int i = 0; i < counts.length; i++) {
      double center = min + (i + 0.5) * width;
      all += counts[i];
      out += center < low || center > high ? counts[i] : 0;
    }
    return all == 0 ? 0 : (double) out / all;
  }
}
