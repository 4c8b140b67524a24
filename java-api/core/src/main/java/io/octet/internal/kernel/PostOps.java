package io.octet.internal.kernel;

/// What happens to `acc * scale + bias` before it is rounded: a residual is added, then the sum is
/// clamped, both in real units.
///
/// @param residual a value of the output's shape and layout that is added first; null where there
///   is none. It is the kernel's last input.
/// @param min lower bound, negative infinity where there is none
/// @param max upper bound, positive infinity where there is none
public record PostOps(TensorDesc residual, float min, float max) {
  /// Nothing is added and nothing clamped.
  public static final PostOps NONE =
      new PostOps(null, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY);

  /// A ReLU.
  public static final PostOps RELU = new PostOps(null, 0, Float.POSITIVE_INFINITY);

  /// The residual, clamped by a bound on either side.
  public PostOps withResidual(TensorDesc added) {
    return new PostOps(added, min, max);
  }

  /// This with the intersection of both clamps.
  public PostOps clamp(float low, float high) {
    return new PostOps(residual, Math.max(min, low), Math.min(max, high));
  }

  /// Whether a residual is added.
  public boolean hasResidual() {
    return residual != null;
  }

  /// Whether a bound is finite.
  public boolean clamps() {
    return min != Float.NEGATIVE_INFINITY || max != Float.POSITIVE_INFINITY;
  }

  /// Whether the clamp is a ReLU: at 0 from below, open above.
  public boolean isRelu() {
    return min == 0 && max == Float.POSITIVE_INFINITY;
  }

  /// The clamped value.
  public float clamp(float value) {
    return Math.max(min, Math.min(max, value));
  }
}
