package io.octet.testkit;

import io.octet.graph.op.Window;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.PostOps;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.kernel.Weights;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.random.RandomGenerator;

/// The size of a convolution.
public record ConvShape(int n, int c, int h, int w, int m, int groups, Window window) {
  /// Its weights: [m, c / groups, kH, kW].
  public Shape weights() {
    return Shape.of(m, c / groups, window.kernelH(), window.kernelW());
  }

  /// The same with an image of at most so many rows, but enough for the window.
  public ConvShape withRows(int rows) {
    return new ConvShape(n, c, Math.min(h, Math.max(rows, window.extentH())), w, m, groups, window);
  }

  /// That convolution with random weights and raw int32 sums.
  public static KernelSpec.Conv raw(RandomGenerator random, DataType type, ConvShape s) {
    return raw(random, Specs.quant(random, type), s);
  }

  /// That convolution of such an input, with random weights and raw int32 sums.
  public static KernelSpec.Conv raw(RandomGenerator random, QuantParams quant, ConvShape s) {
    int count = Math.toIntExact(s.weights().elements());
    return s.raw(quant, Values.bytes(DataType.S8, count, random));
  }

  /// That convolution of such an input, with those weights and raw int32 sums.
  public KernelSpec.Conv raw(QuantParams quant, byte[] values) {
    Shape out = Shape.of(n, m, window.outputH(h, false), window.outputW(w, false));
    return new KernelSpec.Conv(
        TensorDesc.quantized(Layout.CHANNELS_LAST, Shape.of(n, c, h, w), quant),
        TensorDesc.accumulators(Layout.CHANNELS_LAST, out),
        new Weights(
            Tensor.of(DataType.S8, values, weights().sizes()), new float[] {0.01f}, new float[0]),
        window,
        groups,
        PostOps.NONE);
  }
}
