package io.octet.cli.report;

/// How often values fell into equal intervals.
///
/// @param min the lower end of the first interval
/// @param max the upper end of the last, above `min`
/// @param counts values in each interval; fractions where an interval was split
public record Histogram(double min, double max, float[] counts) {
  /// Validates and copies.
  public Histogram {
    if (!(min < max) || counts.length == 0) {
      throw new IllegalArgumentException(
          "a histogram needs min < max and a bin, but got " + min + ", " + max);
    }
    counts = counts.clone();
  }

  @Override
  public float[] counts() {
    return counts.clone();
  }

  /// The part of values in intervals that lie outside `low` to `high`, 0 to 1.
  double outside(double low, double high) {
    double width = (max - min) / counts.length;
    double all = 0;
    double out = 0;
    for (int i = 0; i < counts.length; i++) {
      double center = min + (i + 0.5) * width;
      all += counts[i];
      out += center < low || center > high ? counts[i] : 0;
    }
    return all == 0 ? 0 : out / all;
  }
}
