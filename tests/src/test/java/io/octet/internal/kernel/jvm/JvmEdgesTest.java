package io.octet.internal.kernel.jvm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.octet.graph.op.Binary;
import io.octet.graph.op.Normalization;
import io.octet.graph.op.Unary;
import io.octet.graph.op.Window;
import io.octet.internal.kernel.Backend;
import io.octet.internal.kernel.Encoding;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.KernelSpec.PoolKind;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.PostOps;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.kernel.Weights;
import io.octet.internal.kernel.reference.ReferenceBackend;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.Literals;
import io.octet.testkit.SpecRunner;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What random specs do not reach: values without elements, wide integers, floats that are no
/// numbers.
class JvmEdgesTest {
  private static final float[] NONE = {};

  static Stream<KernelSpec> valuesWithoutElements() {
    TensorDesc image = TensorDesc.f32(Layout.CHANNELS_LAST, Shape.of(0, 3, 4, 4));
    TensorDesc plain = image.in(Layout.ROW_MAJOR);
    TensorDesc rows = TensorDesc.f32(Layout.ROW_MAJOR, Shape.of(0, 3));
    QuantParams u8 = QuantParams.perTensor(DataType.U8, 0.1f, 3);
    QuantParams channels = QuantParams.perChannel(DataType.S8, 1, 1, 2, 3);
    Weights conv = new Weights(Tensor.of(new float[9], 3, 3, 1, 1), NONE, NONE);
    Weights linear = new Weights(Tensor.of(new float[9], 3, 3), NONE, NONE);
    TensorDesc scalar = TensorDesc.f32(Layout.ROW_MAJOR, Shape.of());
    return Stream.of(
        new KernelSpec.Conv(image, image, conv, Window.of(1, 1), 1, PostOps.NONE),
        new KernelSpec.Linear(rows, rows, linear, PostOps.RELU),
        new KernelSpec.MatMul(
            rows, TensorDesc.f32(Layout.ROW_MAJOR, Shape.of(3, 3)), rows, false, false, 1),
        new KernelSpec.Pool(image, image, Window.of(1, 1), PoolKind.MAX),
        new KernelSpec.Binary(
            new Binary.Add(),
            rows,
            TensorDesc.f32(Layout.ROW_MAJOR, Shape.of(1, 3)),
            rows,
            PostOps.NONE),
        new KernelSpec.Unary(new Unary.Tanh(), image, image),
        new KernelSpec.Softmax(rows, rows, 0),
        new KernelSpec.Convert(
            plain, TensorDesc.quantized(Layout.CHANNELS_LAST, plain.shape(), u8)),
        new KernelSpec.Convert(
            TensorDesc.quantized(Layout.CHANNELS_LAST, plain.shape(), channels), plain),
        new KernelSpec.RuntimeQuantize(
            rows, scalar, null, TensorDesc.dynamic(DataType.U8, rows.shape()), 1),
        new KernelSpec.ChannelAffine(plain, plain, new float[3], new float[3]),
        new KernelSpec.Concat(List.of(rows, rows), rows, 0),
        Literals.of(new Normalization.Softmax(0), rows),
        new KernelSpec.Transpose(
            rows, TensorDesc.f32(Layout.ROW_MAJOR, Shape.of(3, 0)), List.of(1, 0)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void valuesWithoutElements(KernelSpec spec) {
    Object[] inputs =
        spec.inputs().stream()
            .map(a -> (Object) new float[Math.toIntExact(a.bytes() / 4)])
            .toArray();
    for (Backend backend : List.of(new JvmBackend(), new ReferenceBackend())) {
      assertEquals(0, SpecRunner.run(backend, spec, inputs).raw().length, backend.name());
    }
  }

  @Test
  void aProductOverNothingIsZero() {
    TensorDesc a = TensorDesc.f32(Layout.ROW_MAJOR, Shape.of(2, 0));
    TensorDesc b = TensorDesc.f32(Layout.ROW_MAJOR, Shape.of(0, 2));
    TensorDesc y = TensorDesc.f32(Layout.ROW_MAJOR, Shape.of(2, 2));
    KernelSpec spec = new KernelSpec.MatMul(a, b, y, false, false, 1);
    for (Backend backend : List.of(new JvmBackend(), new ReferenceBackend())) {
      assertArrayEquals(new float[4], SpecRunner.run(backend, spec, NONE, NONE).floats());
    }
  }

  @Test
  void anEmptyPartOfAConcatChangesNothing() {
    TensorDesc none = TensorDesc.f32(Layout.ROW_MAJOR, Shape.of(2, 0));
    TensorDesc two = TensorDesc.f32(Layout.ROW_MAJOR, Shape.of(2, 1));
    KernelSpec spec = new KernelSpec.Concat(List.of(none, two), two, 1);
    float[] values = {1, 2};
    assertArrayEquals(values, SpecRunner.run(new JvmBackend(), spec, NONE, values).floats());
  }

  @Test
  void wideIntegersAreMovedBitForBit() {
    TensorDesc x = new TensorDesc(DataType.S64, Layout.ROW_MAJOR, Shape.of(2, 3), Encoding.PLAIN);
    TensorDesc y = new TensorDesc(DataType.S64, Layout.ROW_MAJOR, Shape.of(3, 2), Encoding.PLAIN);
    KernelSpec transpose = new KernelSpec.Transpose(x, y, List.of(1, 0));
    long[] values = {Long.MIN_VALUE, -1, 0, 1, 1L << 40, Long.MAX_VALUE};
    assertArrayEquals(
        SpecRunner.run(new ReferenceBackend(), transpose, values).raw(),
        SpecRunner.run(new JvmBackend(), transpose, values).raw());

    TensorDesc sums = TensorDesc.accumulators(Layout.ROW_MAJOR, Shape.of(1, 2, 1, 2));
    // Bits that would be signalling NaNs if they were floats.
    int[] bits = {0x7f800001, 0xff800001, Integer.MIN_VALUE, 7};
    KernelSpec reorder = new KernelSpec.Convert(sums, sums.in(Layout.CHANNELS_LAST));
    assertArrayEquals(
        new int[] {bits[0], bits[2], bits[1], bits[3]},
        SpecRunner.run(new JvmBackend(), reorder, bits).ints());
  }

  @Test
  void notANumberCountsAsZeroAndHarmsNoNeighbour() {
    TensorDesc x = TensorDesc.f32(Layout.ROW_MAJOR, Shape.of(1, 1, 1, 20));
    TensorDesc y =
        TensorDesc.quantized(
            Layout.CHANNELS_LAST, x.shape(), QuantParams.perTensor(DataType.U8, 0.5f, 10));
    float[] values = new float[20];
    values[7] = Float.NaN;
    int[] q = SpecRunner.run(new JvmBackend(), new KernelSpec.Convert(x, y), values).ints();
    for (int value : q) {
      assertEquals(10, value);
    }
  }
}
