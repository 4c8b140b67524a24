package io.octet.tensor;

/// Affine quantization: `real = scale * (q - zeroPoint)`. All of Octet's rounding, saturation and
/// range arithmetic happens here: half to even, saturating, never wrapping.
public final class QuantMath {
  private QuantMath() {}

  /// ONNX QuantizeLinear: the quotient is rounded half to even, then the zero point is added, then
  /// the sum is saturated, so infinities give the ends of the range. NaN, which ONNX leaves open,
  /// gives the zero point: it counts as 0.
  public static int quantize(float x, float scale, int zeroPoint, DataType type) {
    double steps = Math.rint((double) (x / scale));
    return Double.isNaN(steps) ? zeroPoint : saturate(steps + zeroPoint, type);
  }

  /// ONNX DequantizeLinear: `(q - zeroPoint) * scale` in float.
  public static float dequantize(int q, float scale, int zeroPoint) {
    return (float) (q - zeroPoint) * scale;
  }

  /// The value itself, or the end of the type's range that it lies beyond. NaN gives 0.
  public static int saturate(double value, DataType type) {
    return (int) Math.max(type.min(), Math.min(type.max(), value));
  }

  /// What a kernel's epilogue does with an int32 accumulator: `float(acc) * scale + bias`, two
  /// float operations, each rounded (Java fuses none); `scale` is the float product of the input's
  /// and the weights'. Native kernels may differ in the last bit of it, hence by one step of the
  /// output, never more.
  public static float scaleAccumulator(int acc, float scale, float bias) {
    return (float) acc * scale + bias;
  }

  /// An element as it lies in memory, widened: U8 bytes are 0 to 255, S8 bytes -128 to 127.
  public static int widen(byte q, DataType type) {
    return type == DataType.U8 ? q & 0xff : q;
  }

  /// PyTorch's smallest scale (`torch.finfo(torch.float32).eps`), and the scale of a range of
  /// nothing but zeros. It is an absolute number where a scale has a unit: networks whose values
  /// are smaller than some 1e-6 lose their steps under it.
  public static final float TORCH_SMALLEST_SCALE = 0x1p-23f;

  /// The scale of a symmetric range: `absMax / steps`, the zero point being 0.
  ///
  /// @param absMax largest absolute value, finite
  /// @param steps how many steps it is divided into: 127, or PyTorch's 127.5
  /// @param smallest no scale is smaller, a normal float
  public static float symmetricScale(float absMax, float steps, float smallest) {
    return absMax == 0 ? TORCH_SMALLEST_SCALE : Math.max(absMax / steps, smallest);
  }

  /// ONNX's DynamicQuantizeLinear: the u8 parameters of [min, max], widened to contain 0; all in
  /// float. A range of nothing but 0 has scale 1, as in ONNX Runtime.
  public static QuantParams dynamicParams(float min, float max) {
    float scale = dynamicScale(min, max);
    return QuantParams.perTensor(DataType.U8, scale, dynamicZeroPoint(min, scale));
  }

  /// The scale of {@link #dynamicParams}.
  public static float dynamicScale(float min, float max) {
    float low = Math.min(min, 0);
    float high = Math.max(max, 0);
    return low == high ? 1 : Math.clamp((high - low) / 255, Float.MIN_VALUE, Float.MAX_VALUE);
  }

  /// The zero point of {@link #dynamicParams}.
  ///
  /// @param scale that of the range which begins with `min`
  public static int dynamicZeroPoint(float min, float scale) {
    float low = Math.min(min, 0);
    return (int) Math.rint((double) Math.clamp(0 - low / scale, 0f, 255f));
  }

  /// The integers that a range is laid on.
  ///
  /// @param type U8 or S8; it may reach beyond
  /// @param first the integer for the lower end
  /// @param last the integer for the upper end
  /// @param smallestScale no scale is smaller, a normal float
  public record Grid(DataType type, int first, int last, float smallestScale) {
    /// PyTorch's affine parameters for [min, max], widened to contain 0, which is then exact:
    /// `scale = (max - min) / (last - first)` and the zero point that brings `min` to `first`; all
    /// in float.
    public QuantParams affineParams(float min, float max) {
      float low = Math.min(min, 0);
      float high = Math.max(max, 0);
      float steps = last - first;
      float span = high - low;
      float wide = Float.isInfinite(span) ? high / steps - low / steps : span / steps;
      float scale = span == 0 ? TORCH_SMALLEST_SCALE : Math.max(wide, smallestScale);
      int zeroPoint = Math.clamp(first - (long) Math.rint((double) (low / scale)), first, last);
      return QuantParams.perTensor(type, scale, zeroPoint);
    }
  }

  /// One quantization, applied to runs of elements in heap arrays: the loops that C2 vectorizes.
  ///
  /// @param type U8 or S8
  public record Affine(DataType type, float scale, int zeroPoint) {
    /// Adding and taking away 1.5 * 2^23 leaves a small float rounded half to even.
    private static final float ROUNDER = 0x1.8p23f;

    /// The parameters of `params` for channel `channel`.
    public static Affine of(QuantParams params, int channel) {
      return new Affine(params.type(), params.scale(channel), params.zeroPoint(channel));
    }

    /// {@link QuantMath#quantize} from `x` to `y` at indices `from` to `to` (exclusive) of both.
    public void quantize(float[] x, byte[] y, int from, int to) {
      quantize(x, y, from, to, scale, zeroPoint, type);
    }

    /// The same by those parameters, without an object that has them.
    public static void quantize(
        float[] x, byte[] y, int from, int to, float divisor, int zero, DataType type) {
      // Clamped to integers before it is rounded, which is the same as after.
      float low = (float) (type.min() - zero);
      float high = (float) (type.max() - zero);
      for (int i = from; i < to; i++) {
        float steps = Math.max(low, Math.min(high, x[i] / divisor));
        y[i] = (byte) ((int) (steps + ROUNDER - ROUNDER) + zero);
      }
    }

    /// {@link QuantMath#dequantize} from `x` to `y` at indices `from` to `to` (exclusive) of both.
    public void dequantize(byte[] x, float[] y, int from, int to) {
      if (type == DataType.S8) {
        dequantizeSigned(x, y, from, to);
        return;
      }
      float factor = scale;
      int zero = zeroPoint;
      int mask = 0xff;
      for (int i = from; i < to; i++) {
        y[i] = (float) ((x[i] & mask) - zero) * factor;
      }
    }

    /// C2 has vectors for it where no mask stands in between.
    private void dequantizeSigned(byte[] x, float[] y, int from, int to) {
      float factor = scale;
      float zero = zeroPoint;
      for (int i = from; i < to; i++) {
        y[i] = ((float) x[i] - zero) * factor;
      }
    }

    /// The real number that each byte stands for, indexed by the byte as an unsigned number.
    public float[] reals() {
      float[] reals = new float[256];
      for (int i = 0; i < reals.length; i++) {
        reals[i] = QuantMath.dequantize(widen((byte) i, type), scale, zeroPoint);
      }
      return reals;
    }
  }
}
