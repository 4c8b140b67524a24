package io.octet.internal.kernel.jvm;

import io.octet.internal.kernel.KernelSpec;

/// The pixels that meet the taps of a convolution of any kind, written down for all outputs; -1 for
/// none.
record Met(int[][] pixels) implements Reach {
  /// Along the spatial axes `from` to `to` (exclusive), counted as one.
  static Met of(KernelSpec.Conv spec, int from, int to) {
    int outputs = 1;
    int taps = 1;
    for (int axis = from; axis < to; axis++) {
      outputs = Math.multiplyExact(outputs, Math.toIntExact(spec.y().shape().size(2 + axis)));
      taps = Math.multiplyExact(taps, spec.window().kernel().get(axis));
    }
    int[][] pixels = new int[outputs][taps];
    for (int out = 0; out < outputs; out++) {
      for (int tap = 0; tap < taps; tap++) {
        pixels[out][tap] = pixel(spec, from, to, out, tap);
      }
    }
    return new Met(pixels);
  }

  private static int pixel(KernelSpec.Conv spec, int from, int to, int out, int tap) {
    int pixel = 0;
    int step = 1;
    for (int axis = to - 1; axis >= from; axis--) {
      int outputs = (int) spec.y().shape().size(2 + axis);
      int inputs = (int) spec.x().shape().size(2 + axis);
      int kernel = spec.window().kernel().get(axis);
      int place = place(spec, axis, out % outputs, tap % kernel);
      if (place < 0 || place >= inputs) {
        return -1;
      }
      pixel += place * step;
      step *= inputs;
      out /= outputs;
      tap /= kernel;
    }
    return pixel;
  }

  private static int place(KernelSpec.Conv spec, int axis, int out, int tap) {
    int stride = spec.window().strides().get(axis);
    int reach = tap * spec.window().dilations().get(axis) - spec.window().padsBefore().get(axis);
    if (!spec.transposed()) {
      return out * stride + reach;
    }
    return (out - reach) % stride == 0 ? (out - reach) / stride : -1;
  }

  @Override
  public int count() {
    return pixels.length == 0 ? 0 : pixels[0].length;
  }

  @Override
  public int at(int out, int tap) {
    return pixels[out][tap];
  }

  @Override
  public boolean inside(int position) {
    return position >= 0;
  }
}
