package io.octet.tensor;

/// Affine quantization: `real = scale * (q - zeroPoint)`. All of Octet's rounding, saturation and
/// range arithmetic happens here: half to even, saturating, never wrapping.
public final class QuantMath {
  private QuantMath() {}

  /// ONNX QuantizeLinear: the quotient is rounded half to even, then the zero point is added, then
  /// the sum is saturated. NaN gives 0.
  public static int quantize(float x, float scale, int zeroPoint, DataType type) {
    return saturate(Math.rint((double) (x / scale)) + zeroPoint, type);
  }

  /// ONNX DequantizeLinear: `(q - zeroPoint) * scale` in float.
  public static float dequantize(int q, float scale, int zeroPoint) {
    return (float) (q - zeroPoint) * scale;
  }

  /// The value itself, or the end of the type's range that it lies beyond. NaN gives 0.
  public static int saturate(double value, DataType type) {
    return (int) Math.max(type.min(), Math.min(type.max(), value));
  }

  /// What a kernel's epilogue does with an int32 accumulator: `acc * scale + bias` in float. Native
  /// kernels may differ in the last bit of it, hence by one step of the output, never more.
  public static float scaleAccumulator(int acc, float scale, float bias) {
    return (float) acc * scale + bias;
  }

  /// An element as it lies in memory, widened: U8 bytes are 0 to 255, S8 bytes -128 to 127.
  public static int widen(byte q, DataType type) {
    return type == DataType.U8 ? q & 0xff : q;
  }
}
