package io.octet.internal.reference;

import io.octet.graph.op.Quantization.DequantizeLinear;
import io.octet.graph.op.Quantization.QuantizeLinear;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantMath;
import io.octet.tensor.Tensor;
import java.util.List;

/// Reals to integers and back, with one scale or one for each channel.
final class Quantization {
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
        for (long i = 0; i < y.count(); i++) {
          int c = scales.channel(i);
          y.put(i, QuantMath.dequantize((int) x.whole(i), scales.scale[c], scales.zero[c]));
        }
      }
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
      for (int i = 0; given != null && i < zero.length; i++) {
        zero[i] = (int) given.getInteger(given.elements() == 1 ? 0 : i);
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
