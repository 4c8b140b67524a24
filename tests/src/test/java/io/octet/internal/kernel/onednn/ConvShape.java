package io.octet.internal.kernel.onednn;

import io.octet.graph.Window;
import io.octet.internal.kernel.Activation;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.PostOps;
import io.octet.internal.kernel.Weights;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.Specs;
import io.octet.testkit.Values;
import java.util.random.RandomGenerator;

/// The size of a convolution.
record ConvShape(int n, int c, int h, int w, int m, int groups, Window window) {

  /// That convolution with random weights and raw int32 sums.
  static KernelSpec.Conv raw(RandomGenerator random, DataType type, ConvShape s) {
    return raw(random, Specs.quant(random, type), s);
  }

  /// That convolution of such an input, with random weights and raw int32 sums.
  static KernelSpec.Conv raw(RandomGenerator random, QuantParams quant, ConvShape s) {
    int inner = s.c / s.groups;
    int count = s.m * inner * s.window.kernelH() * s.window.kernelW();
    byte[] weights = Values.bytes(DataType.S8, count, random);
    Shape out = Shape.of(s.n, s.m, s.window.outputH(s.h, false), s.window.outputW(s.w, false));
    Tensor values =
        Tensor.of(
            DataType.S8, weights, s.m, s.c / s.groups, s.window.kernelH(), s.window.kernelW());
    return new KernelSpec.Conv(
        Activation.quantized(Layout.NHWC, Shape.of(s.n, s.c, s.h, s.w), quant),
        Activation.accumulators(Layout.NHWC, out),
        new Weights(values, new float[] {0.01f}, new float[0]),
        s.window,
        s.groups,
        PostOps.NONE);
  }
}
