package io.octet.internal.kernel.jvm;

import io.octet.graph.op.Window;
import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.KernelSpec;
import java.util.Arrays;

/// Maxima and means under a window, of all channels at a time, in images of two or three axes.
/// Integers are pooled as floats, less their zero point: sums of fewer than 65,000 of them are
/// exact.
final class Pooling implements Runnable {
  private final KernelSpec.PoolKind kind;
  private final Window window;
  private final Taps planes;
  private final Taps rows;
  private final Taps columns;
  private final ImageInput x;
  private final ImageOutput y;
  private final int height;

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
    this.planes = window.axes() == 3 ? taps(spec, 0) : new Taps(1, 1, 1, 0, 1);
    this.rows = taps(spec, window.axes() - 2);
    this.columns = taps(spec, window.axes() - 1);
    this.height = Math.toIntExact(spec.y().shape().size(window.axes()));
    this.in = x.newRow();
    this.out = y.newRow();
  }

  private static Taps taps(KernelSpec.Pool spec, int axis) {
    Window k = spec.window();
    return new Taps(
        k.kernel().get(axis),
        k.strides().get(axis),
        k.dilations().get(axis),
        k.padsBefore().get(axis),
        Math.toIntExact(spec.x().shape().size(2 + axis)));
  }

  @Override
  public void run() {
    for (int n = 0; n < y.images(); n++) {
      for (int row = 0; row < y.height(); row++) { // of all planes
        row(n, row / height, row % height);
        y.write(out, n, row);
      }
    }
  }

  private void row(int n, int d, int h) {
    boolean max = kind == KernelSpec.PoolKind.MAX;
    for (float[] pixel : out) {
      Arrays.fill(pixel, max ? Float.NEGATIVE_INFINITY : 0);
    }
    int last = planes.end(d);
    int end = rows.end(h);
    for (int k = planes.begin(d); k < last; k++) {
      for (int i = rows.begin(h); i < end; i++) {
        x.read(n, planes.at(d, k) * rows.size() + rows.at(h, i), in);
        for (int w = 0; w < out.length; w++) {
          pixel(w, max);
        }
      }
    }
    if (!max) {
      average(d, h);
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

  private void average(int d, int h) {
    boolean padded = kind == KernelSpec.PoolKind.AVERAGE_INCLUDE_PAD;
    int behind = window.axes() == 3 ? window.padsAfter().getFirst() : 0;
    double depth = padded ? padded(planes, d, behind) : inside(planes, d);
    double plane = depth * (padded ? padded(rows, h, window.padBottom()) : inside(rows, h));
    for (int w = 0; w < out.length; w++) {
      double count = plane * (padded ? padded(columns, w, window.padRight()) : inside(columns, w));
      scale(out[w], (float) Math.max(1, count), unit);
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
