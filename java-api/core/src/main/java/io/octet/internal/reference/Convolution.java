package io.octet.internal.reference;

import io.octet.graph.op.Convolution.Conv;
import io.octet.graph.op.Convolution.ConvInteger;
import io.octet.graph.op.Convolution.ConvTranspose;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/// Sums of products over a window. Padding is 0, and its taps are left out: infinite weights times
/// padding make no NaN.
final class Convolution {
  private Convolution() {}

  static void evaluate(io.octet.graph.op.Convolution op, List<Tensor> in, Tensor y) {
    switch (op) {
      case Conv conv -> conv(conv, in, y);
      case ConvInteger conv -> {
        Tensor x = Quantization.centred(in.get(0), Reference.input(in, 2), 1);
        Tensor w = Quantization.centred(in.get(1), Reference.input(in, 3), 0);
        conv(new Conv(conv.window(), conv.groups()), List.of(x, w), y);
      }
      case ConvTranspose conv -> transposed(conv, in, y);
    }
  }

  private static void conv(Conv op, List<Tensor> in, Tensor out) {
    Cells x = new Cells(in.get(0));
    Cells weights = new Cells(in.get(1));
    Cells y = new Cells(out);
    Shape image = in.get(0).shape();
    WindowTaps taps = new WindowTaps(op.window().resolve(image), image);
    long size = op.window().taps();
    long channels = in.get(1).shape().size(1); // of a group
    long outputs = out.shape().size(1);
    long places = out.elements() / Math.max(1, out.shape().size(0) * outputs);
    for (long at = 0; at < y.count(); at++) {
      long m = at / places % outputs;
      long n = at / places / outputs;
      long plane = n * image.size(1) + m / (outputs / op.groups()) * channels;
      double sum = 0;
      for (long c = 0; c < channels; c++) {
        taps.begin(at % places, out.shape());
        while (taps.next()) {
          sum +=
              x.real((plane + c) * taps.pixels() + taps.pixel())
                  * weights.real((m * channels + c) * size + taps.tap());
        }
      }
      y.put(at, sum + bias(in, m));
    }
  }

  /// Each pixel of the input is spread under the window that stands there over the output.
  private static void transposed(ConvTranspose op, List<Tensor> in, Tensor out) {
    Cells x = new Cells(in.get(0));
    Cells weights = new Cells(in.get(1));
    Cells y = new Cells(out);
    Shape image = in.get(0).shape();
    WindowTaps taps = new WindowTaps(op.resolve(image), out.shape());
    long size = op.window().taps();
    long outputs = in.get(1).shape().size(1); // of a group
    long channels = image.size(1) / op.groups();
    long pixels = in.get(0).elements() / Math.max(1, image.size(0) * image.size(1));
    double[] plane = new double[Math.toIntExact(taps.pixels())];
    for (long p = 0; p < image.size(0) * outputs * op.groups(); p++) {
      long m = p % (outputs * op.groups());
      Arrays.fill(plane, bias(in, m));
      for (long c = m / outputs * channels; c < (m / outputs + 1) * channels; c++) {
        long from = (p / (outputs * op.groups()) * image.size(1) + c) * pixels;
        for (long pixel = 0; pixel < pixels; pixel++) {
          double value = x.real(from + pixel);
          taps.begin(pixel, image);
          while (taps.next()) {
            long tap = (c * outputs + m % outputs) * size + taps.tap();
            plane[(int) taps.pixel()] += value * weights.real(tap);
          }
        }
      }
      for (int i = 0; i < plane.length; i++) {
        y.put(p * plane.length + i, plane[i]);
      }
    }
  }

  private static double bias(List<Tensor> in, long channel) {
    Tensor bias = Reference.input(in, 2);
    return bias == null ? 0 : bias.getReal(channel);
  }
}
