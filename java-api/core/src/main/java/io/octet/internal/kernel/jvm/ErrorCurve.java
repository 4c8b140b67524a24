package io.octet.internal.kernel.jvm;

/// The error function of many floats: a polynomial of degree 20, which lies within `6e-10` of the
/// truth, a hundredth of a float's last digit. Chebyshev's, of `erf(x) / x` over `x^2` up to 4.5^2;
/// beyond, a float knows no difference to 1. It is computed in passes, because compilers make
/// vectors of short loops alone.
final class ErrorCurve {
  private static final double END = 4.5;
  private static final double STRETCH = 2 / (END * END);

  /// From the highest power of `u = 2 x^2 / 4.5^2 - 1` on.
  private static final double[] POLYNOMIAL = {
    0.00028522063540582007,
    -0.0006672605153250209,
    1.0729747702357921e-05,
    0.00021095392996193778,
    0.0023909427950214637,
    -0.004721934929825691,
    0.0048978319208762815,
    -0.007506528377973088,
    0.013746854608095266,
    -0.020356038335198605,
    0.02730488066856165,
    -0.03596125299810804,
    0.045583406351303965,
    -0.05516649577920492,
    0.06457310007762777,
    -0.07408567711568288,
    0.08452124266982415,
    -0.09771307257115865,
    0.11771894022876242,
    -0.15711116572711875,
    0.3142675450209391
  };

  private final double[] x;
  private final double[] u;
  private final double[] y;

  /// @param longest the most values that are computed at once
  ErrorCurve(int longest) {
    x = new double[longest];
    u = new double[longest];
    y = new double[longest];
  }

  /// erf(x).
  void apply(float[] values, int count) {
    curve(values, count);
    for (int i = 0; i < count; i++) {
      values[i] = (float) y[i];
    }
  }

  /// `y` is erf(value).
  private void curve(float[] values, int count) {
    begin(values, count);
    for (int c = 1; c < POLYNOMIAL.length; c += 4) {
      next(count, POLYNOMIAL[c], POLYNOMIAL[c + 1], POLYNOMIAL[c + 2], POLYNOMIAL[c + 3]);
    }
    for (int i = 0; i < count; i++) {
      y[i] = Math.max(-1, Math.min(1, x[i] * y[i]));
    }
  }

  private void begin(float[] values, int count) {
    for (int i = 0; i < count; i++) {
      x[i] = values[i];
    }
    for (int i = 0; i < count; i++) {
      double near = Math.max(-END, Math.min(END, x[i]));
      x[i] = near;
      u[i] = near * near * STRETCH - 1;
      y[i] = POLYNOMIAL[0];
    }
  }

  /// Four further terms.
  private void next(int count, double a, double b, double c, double d) {
    for (int i = 0; i < count; i++) {
      double at = u[i];
      y[i] = (((y[i] * at + a) * at + b) * at + c) * at + d;
    }
  }
}
