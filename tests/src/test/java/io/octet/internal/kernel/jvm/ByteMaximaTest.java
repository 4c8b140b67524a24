package io.octet.internal.kernel.jvm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.octet.graph.op.Window;
import io.octet.internal.kernel.Kernel;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.KernelSpec.PoolKind;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.kernel.WeightsCache;
import io.octet.internal.kernel.reference.ReferenceBackend;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import io.octet.testkit.Case;
import io.octet.testkit.Kernels;
import io.octet.testkit.Parity;
import io.octet.testkit.SpecRunner;
import io.octet.testkit.Specs;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Maxima of bytes against the oracle, to the last bit.
class ByteMaximaTest {
  private static final List<DataType> TYPES = List.of(DataType.U8, DataType.S8);

  static Stream<Case> anyNumberOfChannels() {
    return IntStream.rangeClosed(1, 70)
        .boxed()
        .flatMap(channels -> Case.random(2, random -> pool(random, channels)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void anyNumberOfChannels(Case c) {
    assertExact(c);
  }

  /// Several images, windows of all kinds, outputs that ceil_mode enlarges.
  private static KernelSpec pool(RandomGenerator random, int channels) {
    int h = random.nextInt(1, 20);
    int w = random.nextInt(1, 20);
    Window window = random.nextInt(6) == 0 ? Window.of(h, w) : Specs.window(random, h, w, 5);
    boolean ceil = random.nextBoolean();
    Shape in = Shape.of(random.nextInt(1, 4), channels, h, w);
    Shape out = Shape.of(in.size(0), channels, window.outputH(h, ceil), window.outputW(w, ceil));
    return maximum(TYPES.get(random.nextInt(2)), in, out, window);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void everyPairOfBytesInEitherOrder(int windowHeight) {
    Window window = Window.of(windowHeight, 3 - windowHeight);
    long columns = windowHeight == 2 ? 256 : 512;
    Shape in = Shape.of(1, 256, windowHeight, columns);
    Shape out = Shape.of(1, 256, 1, window.outputW(columns, false));
    byte[] values = new byte[256 * 512];
    for (int i = 0; i < values.length; i++) {
      int channel = i % 256;
      int other = windowHeight == 2 ? i / 256 % 256 : i / 512;
      boolean second = windowHeight == 2 ? i >= values.length / 2 : i / 256 % 2 == 1;
      values[i] = (byte) (second ? channel : other);
    }
    for (DataType type : TYPES) {
      assertExact(new Case(maximum(type, in, out, window), new Object[] {values}, ""));
    }
  }

  static Stream<KernelSpec> awkwardSizes() {
    Window two = Window.of(2, 2).stride(2, 2);
    Window three = Window.of(3, 3).stride(2, 2).pads(1, 1, 1, 1);
    return TYPES.stream()
        .flatMap(
            type ->
                Stream.of(
                    // Strips of several rows, the last one shorter.
                    square(type, 2, 16, 67, two),
                    square(type, 2, 11, 67, three),
                    // One row is more than a strip.
                    maximum(type, Shape.of(1, 40, 5, 300), Shape.of(1, 40, 3, 150), three),
                    // No value under the windows at the edge: the lowest there is.
                    square(type, 1, 5, 4, Window.of(1, 1).pads(2, 3, 1, 2)),
                    square(type, 1, 8, 2, Window.of(2, 2).dilation(3, 3).pads(4, 4, 4, 4)),
                    // One pixel, one byte.
                    square(type, 1, 1, 1, Window.of(1, 1))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void awkwardSizes(KernelSpec spec) {
    byte[] values = new byte[Math.toIntExact(spec.inputs().getFirst().bytes())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (byte) (i * 167 + i / 256);
    }
    values[0] = -128;
    assertExact(new Case(spec, new Object[] {values}, ""));
  }

  private static KernelSpec square(DataType type, int images, int channels, int size, Window w) {
    Shape in = Shape.of(images, channels, size, size);
    Shape out = Shape.of(images, channels, w.outputH(size, false), w.outputW(size, false));
    return maximum(type, in, out, w);
  }

  private static KernelSpec maximum(DataType type, Shape in, Shape out, Window window) {
    QuantParams quant = QuantParams.perTensor(type, 0.1f, type == DataType.U8 ? 3 : -7);
    return new KernelSpec.Pool(
        TensorDesc.quantized(Layout.CHANNELS_LAST, in, quant),
        TensorDesc.quantized(Layout.CHANNELS_LAST, out, quant),
        window,
        PoolKind.MAX);
  }

  private static void assertExact(Case c) {
    try (WeightsCache packed = new WeightsCache();
        Kernel kernel = Kernels.made(new JvmBackend(), c.spec(), new KernelContext(1, packed))) {
      assertEquals("max-bytes", kernel.implementation());
    }
    Parity.assertIdentical(
        c,
        SpecRunner.run(new ReferenceBackend(), c.spec(), c.inputs()),
        SpecRunner.run(new JvmBackend(), c.spec(), c.inputs()));
  }
}
