package io.octet.internal.kernel;

import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.Arrays;

/// The constants of a convolution or linear layer. Packed forms are shared by the identity of
/// `values`, so a compiler hands the same constant to every plan of a session.
///
/// @param values F32 or S8: [M,C/groups,kH,kW] for a convolution, [N,K] (out, in) for a linear
///   layer
/// @param scales empty for F32; else one, or one for each output channel; zero points are 0
/// @param bias empty, or one float in real units for each output channel
public record Weights(Constant values, float[] scales, float[] bias) {
  /// Checks the counts.
  public Weights {
    long channels = values.shape().size(0);
    boolean quantized = values.type() == DataType.S8;
    if (!quantized && values.type() != DataType.F32) {
      throw new IllegalArgumentException("weights must be s8 or f32, but are " + values.type());
    }
    if (quantized ? scales.length != 1 && scales.length != channels : scales.length != 0) {
      throw new IllegalArgumentException(scales.length + " scales for weights " + values);
    }
    if (bias.length != 0 && bias.length != channels) {
      throw new IllegalArgumentException(bias.length + " biases for weights " + values);
    }
  }

  /// The same values, not equal ones, with equal scales and biases: comparing millions of weights
  /// would cost more than packing them.
  @Override
  public boolean equals(Object other) {
    return other instanceof Weights that
        && values == that.values
        && Arrays.equals(scales, that.scales)
        && Arrays.equals(bias, that.bias);
  }

  @Override
  public int hashCode() {
    int hash = System.identityHashCode(values);
    return 31 * (31 * hash + Arrays.hashCode(scales)) + Arrays.hashCode(bias);
  }

  /// Values that nobody else shares.
  public Weights(Tensor values, float[] scales, float[] bias) {
    this(Constant.of(values), scales, bias);
  }

  /// The same values under another shape, of as many output channels.
  public Weights reshaped(Shape shape) {
    return new Weights(values.reshaped(shape), scales, bias);
  }

  /// The same with values of their own, for a kernel that reads them as they are: the session may
  /// forget its own.
  public Weights kept() {
    return new Weights(values.tensor(), scales, bias);
  }

  /// Whether the weights are int8.
  public boolean isInt8() {
    return values.type() == DataType.S8;
  }

  /// The scale of output channel `channel`.
  public float scale(int channel) {
    return scales[scales.length == 1 ? 0 : channel];
  }

  /// The bias of output channel `channel`, 0 where there is none.
  public float bias(int channel) {
    return bias.length == 0 ? 0 : bias[channel];
  }

  /// Number of output channels.
  public int channels() {
    return Math.toIntExact(values.shape().size(0));
  }
}
