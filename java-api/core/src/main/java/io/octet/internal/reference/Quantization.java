package io.octet.internal.reference;

import io.octet.graph.op.Quantization.DequantizeLinear;
import io.octet.graph.op.Quantization.QuantizeLinear;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantMath;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/// Reals to integers and back, with one scale or one for each channel.
public final class Quantization {
  private static final int PIECE = 4096;

  private Quantization() {}

  static void evaluate(io.octet.graph.op.Quantization op, List<Tensor> in, Tensor out) {
    Scales scales = Scales.of(in, op.axis());
    switch (op) {
      case QuantizeLinear(_, DataType type) -> {
        Cells x = new Cells(in.getFirst());
        Cells y = new Cells(out);
        for (long i = 0; i < y.count(); i++) {
          int c = scales.channel(i);
          y.put(i, QuantMath.quantize((float) x.real(i), scales.scale[c], scales.zero[c], type));
        }
      }
      case DequantizeLinear _ -> dequantize(in.getFirst(), scales, out);
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
