package io.octet.internal.kernel.jvm;

/// `x / 2 * (1 + erf(x / sqrt(2)))` of many floats, in floats: the error function as an odd
/// quotient of polynomials of the eleventh and tenth degree, fitted to its largest error over [-4,
/// 4]. It is 4e-7 off at most, which is two of a float's last digits of the result; an encoder
/// spends as much time here as in a small product, so that doubles would be felt. It is computed in
/// passes, because compilers make vectors of short loops alone.
final class GeluCurve {
  private static final float END = 4;
  private static final float ROOT_HALF = 0.70710677f;

  private final float[] x;
  private final float[] square;
  private final float[] top;
  private final float[] bottom;

  /// @param longest the most values that are computed at once
  GeluCurve(int longest) {
    x = new float[longest];
    square = new float[longest];
    top = new float[longest];
    bottom = new float[longest];
  }

  void apply(float[] values, int count) {
    for (int i = 0; i < count; i++) {
      float near = Math.max(-END, Math.min(END, values[i] * ROOT_HALF));
      x[i] = near;
      square[i] = near * near;
    }
    numerator(count);
    denominator(count);
    for (int i = 0; i < count; i++) {
      float erf = Math.max(-1, Math.min(1, x[i] * top[i] / bottom[i]));
      values[i] = values[i] * 0.5f * (1 + erf);
    }
  }

  private void numerator(int count) {
    for (int i = 0; i < count; i++) {
      float s = square[i];
      top[i] =
          ((((1.986130655495799e-06f * s + 0.0002847249270416796f) * s + 0.003889074781909585f) * s
                              + 0.053119201213121414f)
                          * s
                      + 0.19367475807666779f)
                  * s
              + 1.1283791065216064f;
    }
  }

  private void denominator(int count) {
    for (int i = 0; i < count; i++) {
      float s = square[i];
      bottom[i] =
          ((((3.742184708244167e-05f * s + 0.0011870242888107896f) * s + 0.015218575485050678f) * s
                              + 0.11540394276380539f)
                          * s
                      + 0.5049722790718079f)
                  * s
              + 1;
    }
  }
}
