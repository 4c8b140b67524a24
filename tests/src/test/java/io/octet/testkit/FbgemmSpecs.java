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
import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/// Layers as FBGEMM has them: no residual, no clamp but ReLU, each of its algorithms.
public final class FbgemmSpecs {
  private FbgemmSpecs() {}

  /// Random layers of all kinds.
  public static Stream<Case.Family> families() {
    return Stream.of(
        r -> withoutClamp(Specs.conv(r, int8(r), DataType.S32, Layout.CHANNELS_LAST)),
        r -> withoutClamp(Specs.conv(r, int8(r), DataType.U8, Layout.CHANNELS_LAST)),
        r -> withoutClamp(Specs.conv(r, int8(r), DataType.S8, Layout.CHANNELS_LAST)),
        FbgemmSpecs::depthwise,
        FbgemmSpecs::groupwise,
        r -> withoutClamp(Specs.linear(r, int8(r), DataType.S32)),
        r -> withoutClamp(Specs.linear(r, int8(r), DataType.U8)),
        r -> withoutClamp(Specs.linear(r, int8(r), DataType.S8)));
  }

  /// Sums shown as they are by outputs of scale 1: small weights and inputs, several zero points.
  public static Stream<Case.Family> exposed() {
    return Stream.of(FbgemmSpecs::exposedConv, FbgemmSpecs::exposedDepthwise);
  }

  private static DataType int8(RandomGenerator random) {
    return random.nextBoolean() ? DataType.U8 : DataType.S8;
  }

  private static KernelSpec withoutClamp(KernelSpec.Conv s) {
    return new KernelSpec.Conv(s.x(), s.y(), s.weights(), s.window(), s.groups(), relu(s.post()));
  }

  private static KernelSpec withoutClamp(KernelSpec.Linear s) {
    return new KernelSpec.Linear(s.x(), s.y(), s.weights(), relu(s.post()));
  }

  /// Residuals and clamps other than ReLU, which FBGEMM has not, left out.
  private static PostOps relu(PostOps post) {
    return post.clamps() ? PostOps.RELU : PostOps.NONE;
  }

  /// Weights within [-64, 64], which no instruction set saturates.
  private static KernelSpec depthwise(RandomGenerator random) {
    int kernel = random.nextBoolean() ? 3 : 5;
    int pad = kernel / 2;
    int stride = random.nextInt(1, 3);
    return depthwise(
        random, 64, Window.of(kernel, kernel).stride(stride, stride).pads(pad, pad, pad, pad));
  }

  /// Depthwise, weights within [-largest, largest].
  public static KernelSpec.Conv depthwise(RandomGenerator random, int largest, Window window) {
    int channels = 8 * random.nextInt(1, 9);
    return conv(random, new Sizes(channels, channels, channels, window, largest, 0.05f));
  }

  /// Groups of 4, 8 or 16 channels, which FBGEMM has an algorithm for.
  private static KernelSpec groupwise(RandomGenerator random) {
    int perGroup = 4 << random.nextInt(3);
    int groups = random.nextInt(1, 9);
    int stride = random.nextInt(1, 3);
    Window window = Window.of(3, 3).stride(stride, stride).pads(1, 1, 1, 1);
    int channels = groups * perGroup;
    return conv(random, new Sizes(channels, channels, groups, window, 127, 0.05f));
  }

  /// One convolution whose sums are shown.
  public static KernelSpec exposedConv(RandomGenerator random) {
    Window window = Window.of(3, 3).pads(1, 1, 1, 1);
    return conv(random, new Sizes(32, 48, random.nextBoolean() ? 1 : 4, window, 1, 1));
  }

  private static KernelSpec exposedDepthwise(RandomGenerator random) {
    return conv(random, new Sizes(32, 32, 32, Window.of(3, 3).pads(1, 1, 1, 1), 1, 1));
  }

  /// Channels and window of a convolution.
  ///
  /// @param largest weights are within [-largest, largest], two of them are that
  /// @param scale of the input
  public record Sizes(int c, int m, int groups, Window window, int largest, float scale) {}

  /// Such a convolution. With scale 1 all scales are 1; otherwise the output's spreads the sums.
  public static KernelSpec.Conv conv(RandomGenerator random, Sizes s) {
    int h = random.nextInt(s.window.kernelH(), 12);
    int w = random.nextInt(s.window.kernelW(), 12);
    int inner = s.c / s.groups * s.window.kernelH() * s.window.kernelW();
    byte[] values = new byte[s.m * inner];
    for (int i = 0; i < values.length; i++) {
      values[i] = (byte) random.nextInt(-s.largest, s.largest + 1);
    }
    values[0] = values[Math.min(1, values.length - 1)] = (byte) s.largest;
    DataType type = int8(random);
    QuantParams x =
        QuantParams.perTensor(type, s.scale, random.nextInt((int) type.min(), (int) type.max()));
    DataType out = int8(random);
    float yScale =
        s.scale == 1 ? 1 : (float) (s.scale * 0.01 * s.largest * 128 * Math.sqrt(inner) / 64);
    QuantParams y =
        QuantParams.perTensor(out, yScale, random.nextInt((int) out.min(), (int) out.max() + 1));
    float[] scales = new float[s.scale == 1 || random.nextBoolean() ? 1 : s.m];
    Arrays.fill(scales, s.scale == 1 ? 1 : 0.01f);
    Shape outShape = Shape.of(2, s.m, s.window.outputH(h, false), s.window.outputW(w, false));
    return new KernelSpec.Conv(
        TensorDesc.quantized(Layout.CHANNELS_LAST, Shape.of(2, s.c, h, w), x),
        TensorDesc.quantized(Layout.CHANNELS_LAST, outShape, y),
        new Weights(
            Tensor.of(
                DataType.S8, values, s.m, s.c / s.groups, s.window.kernelH(), s.window.kernelW()),
            scales,
            new float[0]),
        s.window,
        s.groups,
        random.nextBoolean() ? PostOps.RELU : PostOps.NONE);
  }
}
