package io.octet.quant.observe;

/// A power of two in which a histogram measures. In ones, PyTorch's float arithmetic leaves the
/// range of floats where values are very small or very large (cubes of widths below 1e-12, products
/// with the number of bins above 1e35). Dividing by a power of two changes no bit of a result that
/// stays within it, so that in a unit of their own size all values are counted and searched alike.
///
/// @param exponent of the power
record Unit(int exponent) {
  /// What PyTorch measures in.
  static final Unit ONE = new Unit(0);

  /// The unit of the larger of two finite numbers.
  static Unit of(float low, float high) {
    float most = Math.max(Math.abs(low), Math.abs(high));
    return most == 0 ? ONE : new Unit(Math.getExponent(most));
  }

  /// A value in this unit.
  float in(float x) {
    return exponent == 0 ? x : Math.scalb(x, -exponent);
  }

  /// What a number of this unit stands for.
  float out(float x) {
    return exponent == 0 ? x : Math.scalb(x, exponent);
  }

  /// Both ends of a range in this unit.
  Range in(Range range) {
    return new Range(in(range.low()), in(range.high()));
  }
}
