package io.octet.quant.observe;

import io.octet.tensor.DataType;
import io.octet.tensor.Tensor;
import java.util.Arrays;

/// Smallest and largest value of each index along one axis (PyTorch's PerChannelMinMaxObserver):
/// what weights are quantized by.
public final class PerChannelMinMaxObserver {
  private final int axis;
  private float[] min = new float[0];
  private float[] max = new float[0];

  /// @param axis the channel axis
  public PerChannelMinMaxObserver(int axis) {
    this.axis = axis;
  }

  /// Takes in a tensor.
  ///
  /// @param name what errors call it
  /// @throws IllegalArgumentException if it holds NaN or an infinity, is not F32, or has another
  ///   number of channels than the one before
  public void accept(String name, Tensor values) {
    if (values.type() != DataType.F32 || axis >= values.shape().rank()) {
      throw new IllegalArgumentException(
          "expected f32 with an axis " + axis + ", but \"" + name + "\" is " + values);
    }
    int channels = Math.toIntExact(values.shape().size(axis));
    grow(name, channels);
    long inner = inner(values, axis);
    long n = values.elements();
    for (long i = 0; i < n; i++) {
      float x = values.getFloat(i);
      if (!Float.isFinite(x)) {
        throw new IllegalArgumentException(
            "\"" + name + "\" holds " + x + " at element " + i + " of " + values);
      }
      int c = (int) (i / inner % channels);
      min[c] = Math.min(min[c], x);
      max[c] = Math.max(max[c], x);
    }
  }

  /// Takes in what another observer of as many channels has seen.
  public void merge(PerChannelMinMaxObserver that) {
    if (that.min.length == 0) {
      return;
    }
    grow("merged", that.min.length);
    for (int c = 0; c < min.length; c++) {
      min[c] = Math.min(min[c], that.min[c]);
      max[c] = Math.max(max[c], that.max[c]);
    }
  }

  /// How many channels were seen; 0 before the first tensor.
  public int channels() {
    return min.length;
  }

  /// The ends of one channel.
  public Range range(int channel) {
    return new Range(min[channel], max[channel]);
  }

  /// Elements of `values` for one index of `axis` and those before it.
  public static long inner(Tensor values, int axis) {
    long inner = 1;
    for (int i = axis + 1; i < values.shape().rank(); i++) {
      inner *= values.shape().size(i);
    }
    return inner;
  }

  private void grow(String name, int channels) {
    if (min.length == 0) {
      min = new float[channels];
      max = new float[channels];
      Arrays.fill(min, Float.POSITIVE_INFINITY);
      Arrays.fill(max, Float.NEGATIVE_INFINITY);
    } else if (min.length != channels) {
      throw new IllegalArgumentException(
          "expected " + min.length + " channels, but \"" + name + "\" has " + channels);
    }
  }
}
