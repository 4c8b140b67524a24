package io.octet.internal.kernel.jvm;

/// `x / 2 * (1 + erf(x / sqrt(2)))` of many floats, in floats: the error function as an odd
/// quotient of polynomials of the eleventh and tenth degree, fitted to its largest error over [-4,
/// 4]. It is 4e-7 off at most, which is two of a float's last digits of the result; an encoder
/// spends as much time here as in a small product, so that doubles would be felt. It is computed in
/// passes, because compilers make vectors of short loops alone, and of magnitudes, because it costs
/// a vector several instructions to be clamped on a side.
final class GeluCurve {
  /// The square of 4.
  private static final float END = 16;

  private static final float ROOT_HALF = 0.70710677f;
  private static final float ROOT = 1.41421356f;

  private final float[] square;
  private final float[] quotient;

  /// @param longest the most values that are computed at once
  GeluCurve(int longest) {
    square = new float[longest];
    quotient = new float[longest];
  }

  void apply(float[] values, int count) {
    for (int i = 0; i < count; i++) {
      float x = values[i] * ROOT_HALF;
      square[i] = Math.min(END, x * x);
    }
    divide(count);
    for (int i = 0; i < count; i++) {
      float half = values[i] * 0.5f;
      float magnitude = Math.abs(half);
      // Beyond the end the product still grows, and is more than 1.
      values[i] = half + magnitude * Math.min(1, magnitude * ROOT * quotient[i]);
    }
  }

  private void divide(int count) {
    for (int i = 0; i < count; i++) {
      float s = square[i];
      float top =
          ((((1.986130655495799e-06f * s + 0.0002847249270416796f) * s + 0.003889074781909585f) * s
                              + 0.053119201213121414f)
                          * s
                      + 0.19367475807666779f)
                  * s
              + 1.1283791065216064f;
      float bottom =
          ((((3.742184708244167e-05f * s + 0.0011870242888107896f) * s + 0.015218575485050678f) * s
                              + 0.11540394276380539f)
                          * s
                      + 0.5049722790718079f)
                  * s
              + 1;
      quotient[i] = top / bottom;
    }
  }
}
