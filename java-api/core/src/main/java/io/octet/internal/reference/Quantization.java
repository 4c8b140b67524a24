package io.octet.internal.reference;

import io.octet.graph.op.Quantization.DequantizeLinear;
import io.octet.graph.op.Quantization.QuantizeLinear;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantMath;
import io.octet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/// Reals to integers and back, with one scale or one for each channel.
final class Quantization {
  private static final int PIECE = 4096;

  private Quantization() {}

  static void evaluate(io.octet.graph.op.Quantization op, List<Tensor> in, Tensor out) {
    Cells x = new Cells(in.getFirst());
    Cells y = new Cells(out);
    switch (op) {
      case QuantizeLinear(int axis, DataType type) -> {
        Scales scales = Scales.of(in, axis);
        for (long i = 0; i < y.count(); i++) {
          int c = scales.channel(i);
          y.put(i, QuantMath.quantize((float) x.real(i), scales.scale[c], scales.zero[c], type));
        }
      }
      case DequantizeLinear(int axis) -> {
        Scales scales = Scales.of(in, axis);
        dequantize(in.getFirst(), scales, out);
      }
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

  /// The parameters of each channel.
  ///
  /// @param inner elements between two of neighbouring channels
  private record Scales(float[] scale, int[] zero, long inner) {
    static Scales of(List<Tensor> in, int axis) {
      float[] scale = in.get(1).toFloats();
      int[] zero = new int[scale.length];
      Tensor given = Reference.input(in, 2);
      if (given != null) {
        long[] whole = new long[given.elements() == 1 ? 1 : zero.length];
        given.getIntegers(0, whole);
        for (int i = 0; i < zero.length; i++) {
          zero[i] = (int) whole[whole.length == 1 ? 0 : i];
        }
      }
      int rank = in.getFirst().shape().rank();
      int at = axis < 0 ? axis + rank : axis;
      boolean single = scale.length == 1;
      return new Scales(scale, zero, single ? 1 : Walk.strides(in.getFirst().shape())[at]);
    }

    int channel(long index) {
      return scale.length == 1 ? 0 : (int) (index / inner % scale.length);
    }
  }
}
