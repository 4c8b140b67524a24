package io.octet.internal.reference;

import io.octet.graph.op.Quantization.DequantizeLinear;
import io.octet.graph.op.Quantization.DynamicQuantizeLinear;
import io.octet.graph.op.Quantization.QuantizeLinear;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantMath;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/// Reals to integers and back, with one scale or one for each channel.
public final class Quantization {
  private static final int PIECE = 4096;

  private Quantization() {}

  static void evaluate(io.octet.graph.op.Quantization op, List<Tensor> in, List<Tensor> outputs) {
    Tensor out = outputs.getFirst();
    switch (op) {
      case QuantizeLinear(int axis, DataType type) -> {
        Scales scales = Scales.of(in, axis);
        Cells x = new Cells(in.getFirst());
        Cells y = new Cells(out);
        for (long i = 0; i < y.count(); i++) {
          int c = scales.channel(i);
          y.put(i, QuantMath.quantize((float) x.real(i), scales.scale[c], scales.zero[c], type));
        }
      }
      case DequantizeLinear(int axis) -> dequantize(in.getFirst(), Scales.of(in, axis), out);
      case DynamicQuantizeLinear _ -> dynamic(in.getFirst(), outputs);
    }
  }

  /// NaN is in no range, and becomes the zero point.
  private static void dynamic(Tensor given, List<Tensor> outputs) {
    Cells x = new Cells(given);
    float min = 0;
    float max = 0;
    for (long i = 0; i < x.count(); i++) {
      float value = (float) x.real(i);
      min = value < min ? value : min;
      max = value > max ? value : max;
    }
    QuantParams params = QuantMath.dynamicParams(min, max);
    Cells y = new Cells(outputs.getFirst());
    for (long i = 0; i < x.count(); i++) {
      float value = (float) x.real(i);
      y.put(i, QuantMath.quantize(value, params.scale(), params.zeroPoint(), DataType.U8));
    }
    if (outputs.size() > 1) {
      outputs.get(1).setReal(0, params.scale());
    }
    if (outputs.size() > 2) {
      outputs.get(2).setInteger(0, params.zeroPoint());
    }
  }

  /// In pieces: constants are large, and one element by one is slow while Java is cold.
  private static void dequantize(Tensor x, Scales scales, Tensor out) {
    long count = x.elements();
    for (long at = 0; at < count; at += PIECE) {
      long[] whole = new long[(int) Math.min(PIECE, count - at)];
      x.getIntegers(at, whole);
      float[] reals = new float[whole.length];
      for (int i = 0; i < reals.length; i++) {
        int c = scales.channel(at + i);
        reals[i] = QuantMath.dequantize((int) whole[i], scales.scale[c], scales.zero[c]);
      }
      MemorySegment.copy(
          reals, 0, out.data(), ValueLayout.JAVA_FLOAT_UNALIGNED, at * Float.BYTES, reals.length);
    }
  }

  /// 8-bit integers less their zero points, as s32.
  ///
  /// @param zero one for all, or one for each place of an axis; null for 0
  /// @param axis which axis that is; it is not looked at where there is one zero point
  static Tensor centred(Tensor q, Tensor zero, int axis) {
    int channels = zero == null ? 1 : Math.toIntExact(zero.elements());
    int[] zeros = zeroPoints(zero, channels);
    long inner = channels == 1 ? 1 : Walk.strides(q.shape())[axis];
    long[] whole = new long[Math.toIntExact(q.elements())];
    q.getIntegers(0, whole);
    int[] values = new int[whole.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (int) whole[i] - zeros[(int) (i / inner % channels)];
    }
    return Tensor.of(values, q.shape().sizes());
  }

  /// The zero point of each channel.
  ///
  /// @param given one for all or one for each, null where all are 0
  public static int[] zeroPoints(Tensor given, int channels) {
    int[] zeros = new int[channels];
    if (given == null) {
      return zeros;
    }
    long[] whole = new long[given.elements() == 1 ? 1 : channels];
    given.getIntegers(0, whole);
    for (int i = 0; i < channels; i++) {
      zeros[i] = Math.toIntExact(whole[whole.length == 1 ? 0 : i]);
    }
    return zeros;
  }

  /// The parameters of each channel.
  ///
  /// @param inner elements between two of neighbouring channels
  private record Scales(float[] scale, int[] zero, long inner) {
    static Scales of(List<Tensor> in, int axis) {
      float[] scale = in.get(1).toFloats();
      int[] zero = zeroPoints(Reference.input(in, 2), scale.length);
      Shape x = in.getFirst().shape();
      long inner = scale.length == 1 ? 1 : Walk.strides(x)[x.axis(axis).orElseThrow()];
      return new Scales(scale, zero, inner);
    }

    int channel(long index) {
      return scale.length == 1 ? 0 : (int) (index / inner % scale.length);
    }
  }
}
