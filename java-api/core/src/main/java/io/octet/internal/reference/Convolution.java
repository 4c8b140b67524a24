package io.octet.internal.reference;

import io.octet.graph.op.Convolution.Conv;
import io.octet.graph.op.Window;
import io.octet.tensor.Tensor;
import java.util.List;

/// Sums of products over a window. Padding is 0, and its taps are left out: infinite weights times
/// padding make no NaN.
final class Convolution {
  private Convolution() {}

  static void evaluate(io.octet.graph.op.Convolution op, List<Tensor> in, Tensor y) {
    switch (op) {
      case Conv(Window window, int groups) -> conv(window, groups, in, y);
    }
  }

  private static void conv(Window given, int groups, List<Tensor> in, Tensor out) {
    long[] sizes = in.getFirst().shape().sizes();
    Sum sum =
        new Sum(
            new Cells(in.get(0)),
            new Cells(in.get(1)),
            sizes,
            in.get(1).shape().size(1),
            given.resolve(sizes[2], sizes[3]));
    Cells bias = Reference.input(in, 2) == null ? null : new Cells(in.get(2));
    Cells y = new Cells(out);
    long outputs = out.shape().size(1);
    long at = 0;
    for (long n = 0; n < sizes[0]; n++) {
      for (long m = 0; m < outputs; m++) {
        long first = m / (outputs / groups) * sum.channels;
        for (long h = 0; h < out.shape().size(2); h++) {
          for (long w = 0; w < out.shape().size(3); w++) {
            double value = sum.at(n * sizes[1] + first, m, h, w);
            y.put(at++, bias == null ? value : value + bias.real(m));
          }
        }
      }
    }
  }

  /// @param sizes of the images
  /// @param channels of each group
  private record Sum(Cells x, Cells weights, long[] sizes, long channels, Window window) {
    /// @param plane the first plane of the group's, counted over all images
    /// @param m which of the filters
    double at(long plane, long m, long h, long w) {
      Window k = window;
      double sum = 0;
      for (long c = 0; c < channels; c++) {
        for (long i = 0; i < k.kernelH(); i++) {
          for (long j = 0; j < k.kernelW(); j++) {
            long row = h * k.strideH() - k.padTop() + i * k.dilationH();
            long column = w * k.strideW() - k.padLeft() + j * k.dilationW();
            if (row >= 0 && row < sizes[2] && column >= 0 && column < sizes[3]) {
              long tap = ((m * channels + c) * k.kernelH() + i) * k.kernelW() + j;
              sum += x.real(((plane + c) * sizes[2] + row) * sizes[3] + column) * weights.real(tap);
            }
          }
        }
      }
      return sum;
    }
  }
}
