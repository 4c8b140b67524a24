package io.octet.internal.kernel.jvm;

import io.octet.graph.op.Window;
import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.KernelSpec;
import java.util.Arrays;

/// Maxima and means under a window, of all channels at a time. Integers are pooled as floats, less
/// their zero point: sums of fewer than 65,000 of them are exact.
final class Pooling implements Runnable {
  private final KernelSpec.PoolKind kind;
  private final Window window;
  private final Taps rows;
  private final Taps columns;
  private final ImageInput x;
  private final ImageOutput y;

  /// What a mean is multiplied by before it is written.
  private final float unit;

  private final float[][] in;
  private final float[][] out;

  Pooling(KernelSpec.Pool spec, Buffers buffers) {
    this.kind = spec.kind();
    this.window = spec.window();
    this.x = new ImageInput(spec.x(), RealInput.centered(spec.x(), buffers.inputs().getFirst()));
    int longest = ImageOutput.longestRun(spec.y());
    this.unit = spec.requantizes() ? spec.x().quant().scale() : 1;
    this.y =
        new ImageOutput(
            spec.y(),
            spec.requantizes()
                ? RealOutput.of(spec.y(), buffers.output(), longest)
                : RealOutput.centered(spec.y(), buffers.output(), longest));
    Window k = window;
    this.rows = new Taps(k.kernelH(), k.strideH(), k.dilationH(), k.padTop(), x.height());
    this.columns = new Taps(k.kernelW(), k.strideW(), k.dilationW(), k.padLeft(), x.width());
    this.in = x.newRow();
    this.out = y.newRow();
  }

  @Override
  public void run() {
    for (int n = 0; n < y.images(); n++) {
      for (int h = 0; h < y.height(); h++) {
        row(n, h);
        y.write(out, n, h);
      }
    }
  }

  private void row(int n, int h) {
    boolean max = kind == KernelSpec.PoolKind.MAX;
    for (float[] pixel : out) {
      Arrays.fill(pixel, max ? Float.NEGATIVE_INFINITY : 0);
    }
    int end = rows.end(h);
    for (int i = rows.begin(h); i < end; i++) {
      x.read(n, rows.at(h, i), in);
      for (int w = 0; w < out.length; w++) {
        pixel(w, max);
      }
    }
    if (!max) {
      average(h);
    }
  }

  private void pixel(int w, boolean max) {
    int end = columns.end(w);
    for (int j = columns.begin(w); j < end; j++) {
      float[] pixel = in[columns.at(w, j)];
      if (max) {
        largest(out[w], pixel);
      } else {
        add(out[w], pixel);
      }
    }
  }

  private static void largest(float[] y, float[] x) {
    for (int c = 0; c < y.length; c++) {
      y[c] = Math.max(y[c], x[c]);
    }
  }

  private static void add(float[] y, float[] x) {
    for (int c = 0; c < y.length; c++) {
      y[c] += x[c];
    }
  }

  private void average(int h) {
    boolean padded = kind == KernelSpec.PoolKind.AVERAGE_INCLUDE_PAD;
    long countH = padded ? padded(rows, h, window.padBottom()) : inside(rows, h);
    for (int w = 0; w < out.length; w++) {
      long count = countH * (padded ? padded(columns, w, window.padRight()) : inside(columns, w));
      scale(out[w], Math.max(1, count), unit);
    }
  }

  private static int inside(Taps taps, int out) {
    return taps.between(out, 0, taps.size());
  }

  private static int padded(Taps taps, int out, int after) {
    return taps.between(out, -taps.before(), taps.size() + after);
  }

  private static void scale(float[] y, float divisor, float factor) {
    for (int c = 0; c < y.length; c++) {
      y[c] = y[c] / divisor * factor;
    }
  }
}
