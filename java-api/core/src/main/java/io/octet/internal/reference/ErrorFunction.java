package io.octet.internal.reference;

/// erf(x): 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x, to the last few bits of a
/// double. Java has none, and its series takes up to a hundred terms; so it was summed once at each
/// sixteenth, from where a few of Taylor's terms reach the next.
final class ErrorFunction {
  /// Beyond it a double knows no difference to 1.
  private static final int END = 6;

  private static final int STEPS = 16;
  private static final int TERMS = 13;
  private static final double[][] TAYLOR = taylor();

  private ErrorFunction() {}

  static double of(double x) {
    double size = Math.abs(x);
    if (!(size < END)) {
      return Math.signum(x);
    }
    int place = (int) Math.rint(STEPS * size);
    double h = size - (double) place / STEPS;
    double y = 0;
    for (int n = TERMS - 1; n >= 0; n--) {
      y = y * h + TAYLOR[place][n];
    }
    return Math.copySign(y, x);
  }

  private static double[][] taylor() {
    double[][] all = new double[END * STEPS + 1][TERMS];
    for (int place = 0; place < all.length; place++) {
      double x = (double) place / STEPS;
      all[place][0] = sum(x);
      // The slope is exp(-(x + h)^2), whose own series each term makes of the two before it.
      double before = 0;
      double term = slope(x);
      for (int n = 1; n < TERMS; n++) {
        all[place][n] = term / n;
        double next = -2 * (x * term + before) / n;
        before = term;
        term = next;
      }
    }
    return all;
  }

  private static double slope(double x) {
    return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x);
  }

  /// exp(-x^2) times a series whose terms are all positive.
  private static double sum(double x) {
    double sum = 0;
    double term = x;
    for (int n = 1; term > sum * 0x1p-54; n++) {
      sum += term;
      term *= 2 * x * x / (2 * n + 1);
    }
    return slope(x) * sum;
  }
}
