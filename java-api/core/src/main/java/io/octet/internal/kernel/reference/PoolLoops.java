package io.octet.internal.kernel.reference;

import io.octet.graph.Window;
import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.Invocation;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.KernelSpec.Pooling;

/// Maxima and means under a window. A window without any value (all taps in the padding) gives the
/// lowest value of the type for a maximum, and zero for a mean. Taps that ceil_mode puts beyond the
/// explicit padding count for neither mean.
final class PoolLoops {
  private PoolLoops() {}

  static Invocation pool(KernelSpec.Pool spec, Buffers buffers) {
    Elements x = new Elements(spec.x(), buffers.inputs().getFirst());
    Elements y = new Elements(spec.y(), buffers.output());
    return () -> {
      for (int n = 0; n < y.size(0); n++) {
        for (int c = 0; c < y.size(1); c++) {
          for (int h = 0; h < y.size(2); h++) {
            for (int v = 0; v < y.size(3); v++) {
              y.putCentered(y.at(n, c, h, v), pooled(spec, x, n, c, h, v));
            }
          }
        }
      }
    };
  }

  private static double pooled(KernelSpec.Pool spec, Elements x, int n, int c, int outH, int outW) {
    Window k = spec.window();
    double max = Double.NEGATIVE_INFINITY;
    double sum = 0;
    int inside = 0;
    int padded = 0;
    for (int i = 0; i < k.kernelH(); i++) {
      for (int j = 0; j < k.kernelW(); j++) {
        int h = outH * k.strideH() - k.padTop() + i * k.dilationH();
        int v = outW * k.strideW() - k.padLeft() + j * k.dilationW();
        if (h < x.size(2) + k.padBottom() && v < x.size(3) + k.padRight()) {
          padded++;
        }
        if (h >= 0 && h < x.size(2) && v >= 0 && v < x.size(3)) {
          double value = x.centered(x.at(n, c, h, v));
          max = Math.max(max, value);
          sum += value;
          inside++;
        }
      }
    }
    if (spec.kind() == Pooling.MAX) {
      return max;
    }
    int count = spec.kind() == Pooling.AVERAGE ? inside : padded;
    return count == 0 ? 0 : sum / count;
  }
}
