package io.octet.testkit;

import io.octet.graph.op.Window;
import io.octet.internal.kernel.KernelSpec;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/// Convolutions that ask for their int32 sums: those that implementations of oneDNN part at.
public final class Convs {
  private Convs() {}

  /// Groups of several blocks of output channels, which [Specs] makes too small for.
  public static KernelSpec wideGroups(RandomGenerator random) {
    int groups = random.nextInt(1, 5);
    int h = random.nextInt(1, 7);
    int w = random.nextInt(1, 11);
    return ConvShape.raw(
        random,
        random.nextBoolean() ? DataType.U8 : DataType.S8,
        new ConvShape(
            1,
            groups * random.nextInt(1, 60),
            h,
            w,
            groups * random.nextInt(1, 100),
            groups,
            Specs.window(random, h, w, 3)));
  }

  /// Depthwise convolutions, and those of one channel, which are not: their taps become channels.
  public static KernelSpec singleChannels(RandomGenerator random) {
    int groups = random.nextBoolean() ? 1 : random.nextInt(2, 20);
    int h = random.nextInt(1, 12);
    int w = random.nextInt(1, 12);
    return ConvShape.raw(
        random,
        random.nextBoolean() ? DataType.U8 : DataType.S8,
        new ConvShape(1, groups, h, w, groups, groups, Specs.window(random, h, w, 5)));
  }

  /// One convolution of each kind for which an implementation of oneDNN 3.13 was seen to fail.
  public static Stream<Case> knownFaults() {
    return Stream.concat(faultsOfSeveralTypes(), faultsOfOneSignedChannel());
  }

  /// Without AMX, and with it under many taps.
  private static Stream<Case> faultsOfOneSignedChannel() {
    return Stream.of(
            new ConvShape(1, 1, 8, 8, 33, 1, Window.of(2, 2)),
            new ConvShape(1, 1, 8, 8, 40, 1, Window.of(3, 3)),
            new ConvShape(1, 1, 8, 8, 48, 1, Window.of(7, 7)),
            new ConvShape(1, 1, 20, 20, 65, 1, Window.of(2, 2)),
            new ConvShape(1, 1, 8, 8, 96, 1, Window.of(7, 7)))
        .flatMap(
            shape ->
                Stream.of(5, -7)
                    .map(zero -> QuantParams.perTensor(DataType.S8, 0.02f, zero))
                    .flatMap(q -> Case.random(1, random -> ConvShape.raw(random, q, shape))));
  }

  private static Stream<Case> faultsOfSeveralTypes() {
    Window dense = Window.of(2, 2).stride(1, 3).pads(1, 1, 0, 0);
    return Stream.of(
            new ConvShape(2, 15, 7, 1, 17, 1, dense),
            new ConvShape(1, 24, 12, 5, 24, 1, Window.of(4, 4).stride(2, 3).pads(1, 0, 1, 0)),
            new ConvShape(2, 4, 13, 11, 76, 2, Window.of(3, 3).stride(2, 1).pads(2, 2, 0, 0)),
            new ConvShape(1, 87, 7, 14, 99, 3, Window.of(3, 3).pads(0, 2, 0, 1)),
            new ConvShape(1, 3, 3, 2, 405, 3, Window.of(2, 4).stride(1, 2).pads(0, 3, 0, 2)),
            new ConvShape(
                2, 9, 5, 1, 27, 3, Window.of(3, 2).stride(2, 3).dilation(1, 3).pads(1, 2, 0, 1)),
            new ConvShape(2, 7, 5, 2, 14, 7, Window.of(4, 4).stride(1, 3).pads(2, 1, 0, 1)),
            new ConvShape(
                3, 26, 8, 2, 3, 1, Window.of(5, 3).stride(3, 3).dilation(4, 3).pads(13, 1, 16, 6)),
            new ConvShape(1, 32, 67, 4, 48, 1, Window.of(1, 1).stride(3, 1).pads(0, 1, 0, 1)),
            new ConvShape(1, 8, 4, 8, 16, 1, Window.of(1, 4).stride(1, 4).pads(0, 3, 0, 0)),
            new ConvShape(1, 8, 4, 15, 16, 1, Window.of(1, 5).stride(1, 5).pads(0, 4, 0, 0)),
            new ConvShape(1, 51, 10, 4, 51, 51, Window.of(2, 2).stride(2, 2)))
        .flatMap(
            shape ->
                Stream.of(DataType.U8, DataType.S8)
                    .flatMap(type -> Case.random(1, random -> ConvShape.raw(random, type, shape))));
  }

  /// Layers of the nets that everybody runs, at their real channels, so that every blocking is met.
  ///
  /// @param rows no image is higher
  public static Stream<Case> realLayers(int rows) {
    Window three = Window.of(3, 3).pads(1, 1, 1, 1);
    QuantParams afterRelu = QuantParams.perTensor(DataType.U8, 0.02f, 0);
    return Stream.of(
            new ConvShape(1, 3, 56, 56, 64, 1, Window.of(7, 7).stride(2, 2).pads(3, 3, 3, 3)),
            new ConvShape(1, 64, 28, 28, 64, 1, three),
            new ConvShape(1, 128, 28, 28, 128, 1, three.stride(2, 2)),
            new ConvShape(1, 256, 14, 14, 1024, 1, Window.of(1, 1)),
            new ConvShape(1, 512, 14, 14, 1024, 1, Window.of(1, 1).stride(2, 2)),
            new ConvShape(1, 512, 7, 7, 512, 1, three),
            new ConvShape(2, 16, 32, 32, 16, 1, three),
            new ConvShape(1, 128, 14, 14, 128, 32, three),
            new ConvShape(1, 256, 14, 14, 256, 32, three),
            new ConvShape(1, 512, 7, 7, 512, 32, three),
            new ConvShape(1, 384, 14, 14, 384, 384, three),
            new ConvShape(1, 144, 28, 28, 144, 144, three.stride(2, 2)))
        .flatMap(s -> Case.random(1, r -> ConvShape.raw(r, afterRelu, s.withRows(rows))));
  }
}
