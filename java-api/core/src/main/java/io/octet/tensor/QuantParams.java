package io.octet.tensor;

import java.util.Arrays;

/// How integers stand for reals: `real = scale * (q - zeroPoint)`.
///
/// @param type the integer type, {@link DataType#U8}, {@link DataType#S8} or {@link DataType#S32}
/// @param granularity whether there is one scale or one for each channel
/// @param scales positive and finite: one, or one for each channel
/// @param zeroPoints as many as scales, each within the type's range
public record QuantParams(
    DataType type, Granularity granularity, float[] scales, int[] zeroPoints) {

  /// Validates and copies.
  public QuantParams {
    if (!type.isInt8() && type != DataType.S32) {
      throw new IllegalArgumentException("quantized type must be u8, s8 or s32, but is " + type);
    }
    if (scales.length == 0 || scales.length != zeroPoints.length) {
      throw new IllegalArgumentException(
          "expected as many zero points as scales and at least one, but got "
              + scales.length
              + " scales and "
              + zeroPoints.length
              + " zero points");
    }
    if (granularity instanceof Granularity.PerTensor && scales.length != 1) {
      throw new IllegalArgumentException("per tensor means one scale, but got " + scales.length);
    }
    for (int i = 0; i < scales.length; i++) {
      if (!(scales[i] > 0) || Float.isInfinite(scales[i])) {
        throw new IllegalArgumentException(
            "scale " + i + " must be positive and finite, but is " + scales[i]);
      }
      if (zeroPoints[i] < type.min() || zeroPoints[i] > type.max()) {
        throw new IllegalArgumentException(
            "zero point " + i + " must be a " + type + ", but is " + zeroPoints[i]);
      }
    }
    scales = scales.clone();
    zeroPoints = zeroPoints.clone();
  }

  /// One scale and zero point for the whole tensor.
  public static QuantParams perTensor(DataType type, float scale, int zeroPoint) {
    return new QuantParams(
        type, new Granularity.PerTensor(), new float[] {scale}, new int[] {zeroPoint});
  }

  /// One scale for each index along `axis`, every zero point 0.
  public static QuantParams perChannel(DataType type, int axis, float... scales) {
    return new QuantParams(type, new Granularity.PerChannel(axis), scales, new int[scales.length]);
  }

  /// Whether one scale serves the whole tensor.
  public boolean isPerTensor() {
    return granularity instanceof Granularity.PerTensor;
  }

  /// The scale of channel `channel`; the only scale where there is one.
  public float scale(int channel) {
    return scales[scales.length == 1 ? 0 : channel];
  }

  /// The zero point of channel `channel`; the only one where there is one.
  public int zeroPoint(int channel) {
    return zeroPoints[zeroPoints.length == 1 ? 0 : channel];
  }

  /// The only scale.
  ///
  /// @throws IllegalStateException if there is one for each channel
  public float scale() {
    requirePerTensor();
    return scales[0];
  }

  /// The only zero point.
  ///
  /// @throws IllegalStateException if there is one for each channel
  public int zeroPoint() {
    requirePerTensor();
    return zeroPoints[0];
  }

  /// Whether every zero point is 0.
  public boolean isSymmetric() {
    return Arrays.stream(zeroPoints).allMatch(z -> z == 0);
  }

  @Override
  public float[] scales() {
    return scales.clone();
  }

  @Override
  public int[] zeroPoints() {
    return zeroPoints.clone();
  }

  private void requirePerTensor() {
    if (!isPerTensor()) {
      throw new IllegalStateException("these parameters are per channel (" + scales.length + ")");
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof QuantParams that
        && type == that.type
        && granularity.equals(that.granularity)
        && Arrays.equals(scales, that.scales)
        && Arrays.equals(zeroPoints, that.zeroPoints);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(scales) + Arrays.hashCode(zeroPoints) + type.hashCode();
  }

  /// "u8 scale 0.0173 zeroPoint 0", or "s8 per channel (16)".
  @Override
  public String toString() {
    return isPerTensor()
        ? type + " scale " + scales[0] + " zeroPoint " + zeroPoints[0]
        : type + " per channel (" + scales.length + ")";
  }
}
