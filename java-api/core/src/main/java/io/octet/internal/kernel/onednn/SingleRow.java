package io.octet.internal.kernel.onednn;

import io.octet.graph.op.Window;
import io.octet.internal.ffi.DnnlIsa;
import io.octet.internal.kernel.Constant;
import io.octet.internal.kernel.KernelSpec.Conv;
import io.octet.internal.kernel.KernelSpec.Linear;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.kernel.Weights;
import io.octet.tensor.Shape;

/// An int8 linear layer of one row, many inputs and few outputs, as a convolution of one pixel: the
/// same sums over the same bytes. oneDNN's product of matrices pads the outputs to 64 there, and
/// was measured to take 1.02 to 1.75 times as long, whatever the number of threads.
final class SingleRow {
  private static final long LEAST_INPUTS = 1024;
  private static final long MOST_OUTPUTS = 32;

  private SingleRow() {}

  /// Whether `spec` is better served so.
  static boolean serves(Linear spec) {
    return spec.isInt8()
        && spec.x().shape().size(0) == 1
        && spec.x().shape().size(1) >= LEAST_INPUTS
        && spec.weights().channels() <= MOST_OUTPUTS
        && !spec.post().hasResidual()
        && DnnlIsa.effective().includes(DnnlIsa.AVX512_CORE_VNNI);
  }

  /// The convolution.
  static Conv of(Linear spec) {
    Weights w = spec.weights();
    Constant weights = w.values().reshaped(pixel(w.values().shape()));
    return new Conv(
        pixel(spec.x()),
        pixel(spec.y()),
        new Weights(weights, w.scales(), w.bias()),
        Window.of(1, 1),
        1,
        spec.post());
  }

  private static TensorDesc pixel(TensorDesc row) {
    return row.sized(pixel(row.shape())).in(Layout.CHANNELS_LAST);
  }

  private static Shape pixel(Shape row) {
    return Shape.of(row.size(0), row.size(1), 1, 1);
  }
}
