package io.octet.internal.kernel.jvm;

/// Functions of many floats at once that Java's library has for one double only: loops that C2
/// vectorizes, of sums, products and quotients alone. None is more than 4e-7 off.
final class Curves {
  /// Beyond it tanh is 1 to a float.
  private static final float END = 8.6f;

  private Curves() {}

  /// tanh, as an odd quotient of polynomials of the ninth and eighth degree, fitted to its largest
  /// error over [-8.6, 8.6].
  static void tanh(float[] y, int count) {
    for (int i = 0; i < count; i++) {
      float x = Math.max(-END, Math.min(END, y[i]));
      float s = x * x;
      float top =
          (((1.4077413901247837e-08f * s + 2.1118499716976658e-05f) * s + 0.003526154439896345f) * s
                      + 0.1340666264295578f)
                  * s
              + 1;
      float bottom =
          (((8.068500392255373e-07f * s + 0.0003335874353069812f) * s + 0.025992946699261665f) * s
                      + 0.46739983558654785f)
                  * s
              + 1;
      y[i] = Math.max(-1, Math.min(1, x * top / bottom));
    }
  }

  /// `1 / (1 + exp(-x))`.
  static void sigmoid(float[] y, int count) {
    scale(y, 0.5f, count);
    tanh(y, count);
    for (int i = 0; i < count; i++) {
      y[i] = 0.5f + 0.5f * y[i];
    }
  }

  static void scale(float[] y, float factor, int count) {
    for (int i = 0; i < count; i++) {
      y[i] *= factor;
    }
  }
}
