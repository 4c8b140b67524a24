package io.octet.internal.lower;

import io.octet.internal.kernel.Layout;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Constants in the order of memory that has the channels innermost.
final class ChannelsLast {
  private ChannelsLast() {}

  /// The columns of [N, C*H*W] weights moved to the order of an `image` [C,H,W], of any number of
  /// axes, whose channels are last: its flattening then costs nothing.
  static Tensor columnsAsNhwc(Tensor weights, Shape image) {
    int rows = Math.toIntExact(weights.shape().size(0));
    int channels = Math.toIntExact(image.size(0));
    int pixels = Math.toIntExact(image.elements() / Math.max(1, image.size(0)));
    int columns = channels * pixels;
    boolean isFloat = weights.type() == DataType.F32;
    float[] floats = isFloat ? weights.toFloats() : null;
    byte[] bytes = isFloat ? null : weights.toBytes();
    float[] floatsTo = isFloat ? new float[floats.length] : null;
    byte[] bytesTo = isFloat ? null : new byte[bytes.length];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < channels; c++) {
        for (int p = 0; p < pixels; p++) {
          int from = r * columns + c * pixels + p;
          int to = r * columns + p * channels + c;
          if (isFloat) {
            floatsTo[to] = floats[from];
          } else {
            bytesTo[to] = bytes[from];
          }
        }
      }
    }
    return isFloat
        ? Tensor.of(floatsTo, rows, columns)
        : Tensor.of(weights.type(), bytesTo, rows, columns);
  }

  /// A constant image [N,C,...] with its channels last in memory; its shape stays logical.
  static Tensor asNhwc(Tensor t) {
    Shape s = t.shape();
    if (Layout.agreeOn(s)) {
      return t;
    }
    int outer = Math.toIntExact(s.size(0));
    int channels = Math.toIntExact(s.size(1));
    int pixels = Math.toIntExact(s.elements() / Math.max(1, s.size(0) * s.size(1)));
    int bytes = t.type().bytes();
    byte[] from = t.data().toArray(ValueLayout.JAVA_BYTE);
    byte[] to = new byte[from.length];
    for (int n = 0; n < outer; n++) {
      for (int c = 0; c < channels; c++) {
        for (int p = 0; p < pixels; p++) {
          int source = ((n * channels + c) * pixels + p) * bytes;
          int target = ((n * pixels + p) * channels + c) * bytes;
          System.arraycopy(from, source, to, target, bytes);
        }
      }
    }
    return Tensor.wrap(t.type(), s, MemorySegment.ofArray(to));
  }
}
