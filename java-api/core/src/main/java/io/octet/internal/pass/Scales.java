package io.octet.internal.pass;

import io.octet.internal.reference.Walk;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantMath;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;

/// QuantizeLinear and DequantizeLinear of constants, with one scale or one for each channel.
///
/// @param scales one, or one for each element of `axis`
/// @param zeros as many zero points as scales
/// @param axis the channels' axis, from the front; of no meaning where there is one scale
public record Scales(float[] scales, int[] zeros, int axis) {

  /// The scales that a node's inputs hold.
  ///
  /// @param zero null where the node has none
  public static Scales of(Tensor scale, Tensor zero, int axis) {
    float[] scales = scale.toFloats();
    int[] zeros = new int[scales.length];
    for (int i = 0; zero != null && i < zeros.length; i++) {
      zeros[i] = Math.toIntExact(zero.getInteger(zero.elements() == 1 ? 0 : i));
    }
    return new Scales(scales, zeros, axis);
  }

  /// The integers for an f32 tensor.
  public Tensor quantize(Tensor x, DataType type) {
    byte[] y = new byte[Math.toIntExact(x.elements())];
    long inner = inner(x.shape());
    for (int i = 0; i < y.length; i++) {
      int c = channel(i, inner);
      y[i] = (byte) QuantMath.quantize(x.getFloat(i), scales[c], zeros[c], type);
    }
    return Tensor.of(type, y, x.shape().sizes());
  }

  /// The reals that integers stand for.
  public Tensor dequantize(Tensor q) {
    float[] y = new float[Math.toIntExact(q.elements())];
    long inner = inner(q.shape());
    for (int i = 0; i < y.length; i++) {
      int c = channel(i, inner);
      y[i] = QuantMath.dequantize((int) q.getInteger(i), scales[c], zeros[c]);
    }
    return Tensor.of(y, q.shape().sizes());
  }

  private int channel(int i, long inner) {
    return scales.length == 1 ? 0 : (int) (i / inner % scales.length);
  }

  private long inner(Shape shape) {
    return scales.length == 1 ? 1 : Walk.strides(shape)[axis];
  }
}
