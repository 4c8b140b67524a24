package io.octet.quant.observe;

/// A closed interval of reals.
///
/// @param low lower end
/// @param high upper end
public record Range(float low, float high) {
  /// The largest absolute value in it.
  public float absMax() {
    return Math.max(Math.abs(low), Math.abs(high));
  }
}
