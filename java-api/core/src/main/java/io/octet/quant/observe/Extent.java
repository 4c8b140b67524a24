package io.octet.quant.observe;

import io.octet.tensor.DataType;
import io.octet.tensor.Tensor;

/// What one pass over a batch finds: the ends of its finite values, and how many are not.
///
/// @param min smallest finite value, positive infinity where there is none
/// @param max largest finite value, negative infinity where there is none
/// @param infinities how many values are infinite
record Extent(float min, float max, long infinities) {
  /// @throws IllegalArgumentException if `batch` holds NaN or is not F32
  static Extent of(String name, Tensor batch) {
    if (batch.type() != DataType.F32) {
      throw new IllegalArgumentException(
          "observers take f32, but \"" + name + "\" is " + batch.type());
    }
    float min = Float.POSITIVE_INFINITY;
    float max = Float.NEGATIVE_INFINITY;
    long infinities = 0;
    long n = batch.elements();
    for (long i = 0; i < n; i++) {
      float x = batch.getFloat(i);
      if (Float.isNaN(x)) {
        throw new IllegalArgumentException(
            "calibration found NaN in \"" + name + "\" (element " + i + " of " + batch + ")");
      }
      if (Float.isInfinite(x)) {
        infinities++;
      } else {
        min = Math.min(min, x);
        max = Math.max(max, x);
      }
    }
    return new Extent(min, max, infinities);
  }

  boolean isEmpty() {
    return min > max;
  }
}
