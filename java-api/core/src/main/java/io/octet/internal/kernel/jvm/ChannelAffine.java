package io.octet.internal.kernel.jvm;

import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Layout;

/// Each channel scaled and shifted, in the longest runs that have one order of channels.
final class ChannelAffine {
  private ChannelAffine() {}

  static Runnable bind(KernelSpec.ChannelAffine spec, Buffers buffers) {
    RealInput x = RealInput.of(spec.x(), buffers.inputs().getFirst());
    long[] sizes = spec.x().shape().sizes();
    int channels = Math.toIntExact(sizes[1]);
    long elements = spec.x().shape().elements();
    boolean innermost = spec.x().layout() == Layout.CHANNELS_LAST || sizes.length == 2;
    int run = innermost ? channels : Math.toIntExact(elements / Math.max(1, sizes[0] * sizes[1]));
    RealOutput y = RealOutput.of(spec.y(), buffers.output(), run);
    float[] values = new float[run];
    return () -> {
      for (long at = 0; at < elements; at += run) {
        x.read(at, values, run);
        if (innermost) {
          scaleEach(values, spec.scale(), spec.shift());
        } else {
          int c = (int) (at / run % channels);
          scaleAll(values, spec.scale()[c], spec.shift()[c]);
        }
        y.write(values, at, run);
      }
    };
  }

  private static void scaleEach(float[] y, float[] scale, float[] shift) {
    for (int i = 0; i < y.length; i++) {
      y[i] = y[i] * scale[i] + shift[i];
    }
  }

  private static void scaleAll(float[] y, float scale, float shift) {
    for (int i = 0; i < y.length; i++) {
      y[i] = y[i] * scale + shift;
    }
  }
}
