package io.octet.internal.kernel.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.octet.graph.op.Binary;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Op;
import io.octet.graph.op.Product;
import io.octet.graph.op.Unary;
import io.octet.graph.op.Window;
import io.octet.internal.kernel.Backend;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.KernelSpec.PoolKind;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.PostOps;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.kernel.Weights;
import io.octet.internal.kernel.jvm.JvmBackend;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.Literals;
import io.octet.testkit.SpecRunner;
import io.octet.testkit.SpecRunner.Output;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The oracle against cases that a reader can compute.
class ReferenceByHandTest {
  private static final float[] NONE = {};

  @Test
  void aConvolutionSumsWhatLiesUnderItsWindowAndPadsWithRealZeros() {
    // Zero point 10: the image is 1 2 / 3 4, whatever stands beside it is 0, not -10.
    TensorDesc x = u8(1, 10, 1, 1, 2, 2);
    TensorDesc y = TensorDesc.accumulators(Layout.CHANNELS_LAST, Shape.of(1, 1, 2, 2));
    Weights w = s8(new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9}, 1, 1, 1, 3, 3);
    Window window = Window.of(3, 3).pads(1, 1, 1, 1);
    int[] sums =
        run(new KernelSpec.Conv(x, y, w, window, 1, PostOps.NONE), bytes(11, 12, 13, 14)).ints();
    assertArrayEquals(
        new int[] {
          5 + 2 * 6 + 3 * 8 + 4 * 9,
          4 + 2 * 5 + 3 * 7 + 4 * 8,
          2 + 2 * 3 + 3 * 5 + 4 * 6,
          1 + 2 * 2 + 3 * 4 + 4 * 5
        },
        sums);
  }

  @Test
  void groupsSeeOnlyTheirOwnChannels() {
    TensorDesc x = u8(1, 0, 1, 2, 1, 1);
    TensorDesc y = TensorDesc.accumulators(Layout.CHANNELS_LAST, Shape.of(1, 4, 1, 1));
    Weights w = s8(new byte[] {1, -2, 3, -4}, 1, 4, 1, 1, 1);
    KernelSpec spec = new KernelSpec.Conv(x, y, w, Window.of(1, 1), 2, PostOps.NONE);
    assertArrayEquals(new int[] {100, -200, 750, -1000}, run(spec, bytes(100, 250)).ints());
  }

  @Test
  void strideDilationAndUnevenPadsChooseTheTaps() {
    // Rows of 5, taps 2 apart, pad 1 on the left: columns (-1,1), (1,3), (3,5).
    TensorDesc x = TensorDesc.f32(Layout.ROW_MAJOR, Shape.of(1, 1, 1, 5));
    TensorDesc y = TensorDesc.f32(Layout.ROW_MAJOR, Shape.of(1, 1, 1, 3));
    Weights w = new Weights(Tensor.of(new float[] {1, 10}, 1, 1, 1, 2), NONE, NONE);
    Window window = Window.of(1, 2).stride(1, 2).dilation(1, 2).pads(0, 1, 0, 1);
    KernelSpec spec = new KernelSpec.Conv(x, y, w, window, 1, PostOps.NONE);
    float[] sums = run(spec, new float[] {1, 2, 3, 4, 5}).floats();
    assertArrayEquals(new float[] {20, 42, 4}, sums);
  }

  @Test
  void aLinearLayerAddsBiasAndResidualClampsThenRoundsHalvesToEven() {
    // x * w * 0.5 = 0.5, 1.5, 2.5 and -3; the bias and the residual change only the last two.
    TensorDesc x = u8(0.5f, 0, 1, 1);
    TensorDesc y = quantized(DataType.S8, 1, -100, 1, 4);
    TensorDesc added = TensorDesc.f32(Layout.ROW_MAJOR, Shape.of(1, 4));
    Weights w =
        new Weights(
            Tensor.of(DataType.S8, new byte[] {1, 3, 5, -6}, 4, 1),
            new float[] {1, 1, 1, 1},
            new float[] {0, 0, 1, 1});
    KernelSpec spec = new KernelSpec.Linear(x, y, w, PostOps.RELU.withResidual(added));
    Output out = run(spec, bytes(1), new float[] {0, 0, 1, 1});
    assertArrayEquals(new int[] {-100, -98, -96, -100}, out.ints());
  }

  @Test
  void postOpsHappenInTheirOrder() {
    TensorDesc x = u8(0.5f, 0, 1, 1);
    TensorDesc y = TensorDesc.f32(Layout.ROW_MAJOR, Shape.of(1, 2));
    TensorDesc one = TensorDesc.f32(Layout.ROW_MAJOR, Shape.of(1));
    Weights w = s8(new byte[] {2, -6}, 1, 2, 1);
    PostOps post =
        PostOps.NONE
            .clamp(-2, 2) // 1 and -2
            .then(new PostOps.Mul(y)) // 10 and 10
            .then(new PostOps.Add(one)) // 13 and 13
            .then(new PostOps.Apply(new Unary.LeakyRelu(0.5f)))
            .clamp(0, 12);
    float[] made =
        run(new KernelSpec.Linear(x, y, w, post), bytes(1), new float[] {10, -5}, new float[] {3})
            .floats();
    assertArrayEquals(new float[] {12, 12}, made);
    PostOps early = PostOps.RELU.then(new PostOps.Add(one));
    float[] behind =
        run(new KernelSpec.Linear(x, y, w, early), bytes(1), new float[] {-3}).floats();
    assertArrayEquals(new float[] {-2, -3}, behind);
  }

  @Test
  void outputsSaturate() {
    TensorDesc x = quantized(DataType.S8, 1, 0, 1, 1);
    TensorDesc y = quantized(DataType.U8, 1, 128, 1, 2);
    Weights w = s8(new byte[] {127, -128}, 1, 2, 1);
    KernelSpec spec = new KernelSpec.Linear(x, y, w, PostOps.NONE);
    assertArrayEquals(new int[] {255, 0}, run(spec, bytes(127)).ints());
  }

  @Test
  void averagesRoundHalvesToEvenAroundTheZeroPoint() {
    // Steps from the zero point 3: 1 and 0 give 0.5, 1 and 2 give 1.5, -1 and -2 give -1.5.
    TensorDesc x = u8(0.1f, 3, 1, 3, 1, 2);
    TensorDesc y = u8(0.1f, 3, 1, 3, 1, 1);
    KernelSpec spec = new KernelSpec.Pool(x, y, Window.of(1, 2), PoolKind.AVERAGE);
    int[] means = run(spec, bytes(4, 4, 2, 3, 5, 1)).ints(); // NHWC
    assertArrayEquals(new int[] {3, 5, 1}, means);
  }

  @Test
  void ceilModeAddsAWindowThatCountsOnlyWhatIsThere() {
    // A row of 3, windows of 2, stride 2: the second window has one value.
    TensorDesc x = TensorDesc.f32(Layout.ROW_MAJOR, Shape.of(1, 1, 1, 3));
    TensorDesc y = TensorDesc.f32(Layout.ROW_MAJOR, Shape.of(1, 1, 1, 2));
    Window window = Window.of(1, 2).stride(1, 2);
    for (PoolKind kind : PoolKind.values()) {
      float[] expected = kind == PoolKind.MAX ? new float[] {2, 4} : new float[] {1.5f, 4};
      KernelSpec spec = new KernelSpec.Pool(x, y, window, kind);
      assertArrayEquals(expected, run(spec, new float[] {1, 2, 4}).floats(), kind.toString());
    }
  }

  @Test
  void paddingCountsOnlyWhereItIsAskedTo() {
    TensorDesc x = TensorDesc.f32(Layout.ROW_MAJOR, Shape.of(1, 1, 1, 2));
    TensorDesc y = TensorDesc.f32(Layout.ROW_MAJOR, Shape.of(1, 1, 1, 3));
    Window window = Window.of(1, 2).pads(0, 1, 0, 1);
    float[][] expected = {{-4, -2, -2}, {-4, -3, -2}, {-2, -3, -1}};
    for (PoolKind kind : PoolKind.values()) {
      KernelSpec spec = new KernelSpec.Pool(x, y, window, kind);
      assertArrayEquals(expected[kind.ordinal()], run(spec, new float[] {-4, -2}).floats());
    }
  }

  @Test
  void binaryFunctionsWorkOnRealsAndBroadcast() {
    TensorDesc a = quantized(DataType.U8, 0.5f, 2, 2, 2);
    TensorDesc b = TensorDesc.f32(Layout.ROW_MAJOR, Shape.of(2));
    TensorDesc y = quantized(DataType.S8, 0.5f, 1, 2, 2);
    byte[] as = bytes(2, 4, 6, 8); // 0 1 2 3
    float[] bs = {10, -2};
    KernelSpec sum = new KernelSpec.Binary(new Binary.Add(), a, b, y, PostOps.NONE);
    assertArrayEquals(new int[] {21, -1, 25, 3}, run(sum, as, bs).ints());
    KernelSpec product = new KernelSpec.Binary(new Binary.Mul(), a, b, y, PostOps.RELU);
    assertArrayEquals(new int[] {1, 1, 41, 1}, run(product, as, bs).ints());
  }

  @Test
  void channelsOfAnImageBroadcastInEitherLayout() {
    TensorDesc a = TensorDesc.f32(Layout.CHANNELS_LAST, Shape.of(1, 2, 1, 2));
    TensorDesc b = TensorDesc.f32(Layout.CHANNELS_LAST, Shape.of(1, 2, 1, 1));
    KernelSpec spec = new KernelSpec.Binary(new Binary.Add(), a, b, a, PostOps.NONE);
    float[] y = run(spec, new float[] {1, 2, 3, 4}, new float[] {10, 20}).floats();
    assertArrayEquals(new float[] {11, 22, 13, 24}, y);
  }

  @Test
  void functionsHaveTheirTextbookValues() {
    float[] x = {-3, -1, 0, 1, 4};
    assertUnary(new Unary.Relu(), x, 0, 0, 0, 1, 4);
    assertUnary(new Unary.Clip(-2, 3), x, -2, -1, 0, 1, 3);
    assertUnary(new Unary.LeakyRelu(0.5f), x, -1.5f, -0.5f, 0, 1, 4);
    assertUnary(new Unary.HardSigmoid(0.25f, 0.5f), x, 0, 0.25f, 0.5f, 0.75f, 1);
    assertUnary(new Unary.HardSwish(), x, 0, -1 / 3f, 0, 2 / 3f, 4);
    assertUnary(new Unary.Sigmoid(), x, 0.047425874f, 0.26894143f, 0.5f, 0.73105858f, 0.98201379f);
    assertUnary(new Unary.Tanh(), x, -0.99505475f, -0.76159416f, 0, 0.76159416f, 0.9993293f);
  }

  private static void assertUnary(Unary function, float[] x, float... expected) {
    TensorDesc a = TensorDesc.f32(Layout.ROW_MAJOR, Shape.of(x.length));
    KernelSpec spec = new KernelSpec.Unary(function, a, a);
    assertArrayEquals(expected, run(spec, x).floats(), 1e-7f, function.toString());
  }

  @Test
  void softmaxSurvivesLargeValues() {
    TensorDesc x = TensorDesc.f32(Layout.ROW_MAJOR, Shape.of(2, 2));
    KernelSpec spec = new KernelSpec.Softmax(x, x, -1);
    float[] y = run(spec, new float[] {1000, 1000, 0, (float) Math.log(3)}).floats();
    assertArrayEquals(new float[] {0.5f, 0.5f, 0.25f, 0.75f}, y, 1e-7f);
  }

  @Test
  void conversionsRoundToEvenSaturateAndReorder() {
    TensorDesc x = TensorDesc.f32(Layout.ROW_MAJOR, Shape.of(1, 2, 1, 3));
    TensorDesc y = quantized(DataType.U8, 0.5f, 10, Layout.CHANNELS_LAST, 1, 2, 1, 3);
    float[] values = {0.25f, 0.75f, -0.25f, 1e9f, -1e9f, Float.NEGATIVE_INFINITY};
    // Steps 0.5, 1.5, -0.5 of the first channel become 0, 2, 0.
    int[] q = run(new KernelSpec.Convert(x, y), values).ints();
    assertArrayEquals(new int[] {10, 255, 12, 0, 10, 0}, q);
  }

  @Test
  void channelsLieInnermostWhateverTheRank() {
    Shape line = Shape.of(1, 2, 3);
    KernelSpec sequence =
        new KernelSpec.Convert(
            TensorDesc.f32(Layout.ROW_MAJOR, line), TensorDesc.f32(Layout.CHANNELS_LAST, line));
    assertArrayEquals(
        new float[] {1, 4, 2, 5, 3, 6}, run(sequence, new float[] {1, 2, 3, 4, 5, 6}).floats());
    Shape volume = Shape.of(1, 2, 2, 1, 2);
    KernelSpec back =
        new KernelSpec.Convert(
            TensorDesc.f32(Layout.CHANNELS_LAST, volume), TensorDesc.f32(Layout.ROW_MAJOR, volume));
    assertArrayEquals(
        new float[] {1, 3, 5, 7, 2, 4, 6, 8},
        run(back, new float[] {1, 2, 3, 4, 5, 6, 7, 8}).floats());
  }

  @Test
  void bytesThatNobodyGaveAScaleAreMovedAndComparedAsTheyStand() {
    TensorDesc plain = TensorDesc.plain(DataType.U8, Shape.of(1, 1, 2, 2));
    TensorDesc meant = quantized(DataType.U8, 0.5f, 3, Layout.ROW_MAJOR, 1, 1, 2, 2);
    byte[] x = bytes(0, 200, 255, 7);
    assertArrayEquals(
        new int[] {0, 200, 255, 7}, run(new KernelSpec.Convert(plain, meant), x).ints());
    TensorDesc y = plain.sized(Shape.of(1, 1, 1, 2));
    KernelSpec pool = new KernelSpec.Pool(plain, y, Window.of(2, 1), PoolKind.MAX);
    assertArrayEquals(new int[] {255, 200}, run(pool, x).ints());
  }

  @Test
  void conversionsTakeOneScaleForEachChannel() {
    QuantParams perChannel = QuantParams.perChannel(DataType.S8, 1, 1, 10);
    TensorDesc x = TensorDesc.quantized(Layout.CHANNELS_LAST, Shape.of(1, 2, 1, 2), perChannel);
    TensorDesc y = TensorDesc.f32(Layout.CHANNELS_LAST, x.shape());
    float[] reals = run(new KernelSpec.Convert(x, y), bytes(1, 2, -3, -4)).floats();
    assertArrayEquals(new float[] {1, 20, -3, -40}, reals);
  }

  @Test
  void scalesMayArriveAtRunTime() {
    TensorDesc x = TensorDesc.f32(Layout.ROW_MAJOR, Shape.of(2, 2));
    TensorDesc side = TensorDesc.f32(Layout.ROW_MAJOR, Shape.of(2));
    TensorDesc zero = TensorDesc.plain(DataType.U8, Shape.of(2));
    TensorDesc y = TensorDesc.dynamic(DataType.U8, Shape.of(2, 2));
    KernelSpec spec = new KernelSpec.RuntimeQuantize(x, side, zero, y, 0);
    int[] q = run(spec, new float[] {1, 2.5f, 1, -1}, new float[] {1, 0.1f}, bytes(0, 5)).ints();
    assertArrayEquals(new int[] {1, 2, 15, 0}, q);
  }

  @Test
  void matricesMultiplyWithTransposedOperandsAndBroadcastStacks() {
    TensorDesc a = TensorDesc.f32(Layout.ROW_MAJOR, Shape.of(2, 1, 2));
    TensorDesc b = TensorDesc.f32(Layout.ROW_MAJOR, Shape.of(3, 2));
    TensorDesc y = TensorDesc.f32(Layout.ROW_MAJOR, Shape.of(2, 1, 3));
    KernelSpec spec = new KernelSpec.MatMul(a, b, y, false, true, 0.5f);
    float[] product = run(spec, new float[] {1, 2, 3, 4}, new float[] {2, 0, 0, 2, 2, 2}).floats();
    assertArrayEquals(new float[] {1, 2, 3, 3, 4, 7}, product);
  }

  @Test
  void valuesJoinAndTranspose() {
    TensorDesc a = TensorDesc.f32(Layout.ROW_MAJOR, Shape.of(2, 1));
    TensorDesc b = TensorDesc.f32(Layout.ROW_MAJOR, Shape.of(2, 2));
    TensorDesc y = TensorDesc.f32(Layout.ROW_MAJOR, Shape.of(2, 3));
    KernelSpec concat = new KernelSpec.Concat(List.of(a, b), y, 1);
    assertArrayEquals(
        new float[] {1, 3, 4, 2, 5, 6},
        run(concat, new float[] {1, 2}, new float[] {3, 4, 5, 6}).floats());
    TensorDesc turned = TensorDesc.f32(Layout.ROW_MAJOR, Shape.of(3, 2));
    KernelSpec transpose = new KernelSpec.Transpose(y, turned, List.of(1, 0));
    assertArrayEquals(
        new float[] {1, 4, 2, 5, 3, 6}, run(transpose, new float[] {1, 2, 3, 4, 5, 6}).floats());
  }

  @Test
  void anOperatorIsWhatItsDefinitionSays() {
    TensorDesc a = TensorDesc.plain(DataType.S64, Shape.of(2, 1));
    TensorDesc b = TensorDesc.plain(DataType.S64, Shape.of(2, 2));
    KernelSpec concat = Literals.of(new Movement.Concat(-1), a, b);
    long[] joined = {1, 1L << 40, 3, 2, 4, -5};
    byte[] expected = MemorySegment.ofArray(joined).toArray(ValueLayout.JAVA_BYTE);
    for (Backend backend : List.of(new ReferenceBackend(), new JvmBackend())) {
      Output y =
          SpecRunner.run(backend, concat, new long[] {1, 2}, new long[] {1L << 40, 3, 4, -5});
      assertArrayEquals(expected, y.raw(), backend.name());
    }
    assertEquals("literal Concat s64[2,1], s64[2,2] -> s64[2,3]", concat.describe());
  }

  @Test
  void anAbsentOperandIsNoInput() {
    TensorDesc x = TensorDesc.f32(Layout.ROW_MAJOR, Shape.of(1, 2));
    Op gemm = new Product.Gemm(2, 1, false, false);
    KernelSpec spec = Literals.of(gemm, x, TensorDesc.f32(Layout.ROW_MAJOR, Shape.of(2, 1)), null);
    assertEquals(2, spec.inputs().size());
    float[] y = run(spec, new float[] {1, 2}, new float[] {3, 4}).floats();
    assertArrayEquals(new float[] {22}, y);
  }

  @Test
  void channelsAreScaledAndShifted() {
    TensorDesc x = TensorDesc.f32(Layout.CHANNELS_LAST, Shape.of(1, 2, 1, 2));
    KernelSpec spec =
        new KernelSpec.ChannelAffine(x, x, new float[] {2, -1}, new float[] {0.5f, 0});
    float[] y = run(spec, new float[] {1, 2, 3, 4}).floats();
    assertArrayEquals(new float[] {2.5f, -2, 6.5f, -4}, y);
  }

  private static Output run(KernelSpec spec, Object... inputs) {
    return SpecRunner.run(new ReferenceBackend(), spec, inputs);
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  private static TensorDesc u8(float scale, int zeroPoint, long... sizes) {
    Layout layout = sizes.length == 4 ? Layout.CHANNELS_LAST : Layout.ROW_MAJOR;
    return quantized(DataType.U8, scale, zeroPoint, layout, sizes);
  }

  private static TensorDesc quantized(DataType type, float scale, int zeroPoint, long... sizes) {
    return quantized(type, scale, zeroPoint, Layout.ROW_MAJOR, sizes);
  }

  private static TensorDesc quantized(
      DataType type, float scale, int zeroPoint, Layout layout, long... sizes) {
    return TensorDesc.quantized(
        layout, Shape.of(sizes), QuantParams.perTensor(type, scale, zeroPoint));
  }

  private static Weights s8(byte[] values, float scale, long... sizes) {
    return new Weights(Tensor.of(DataType.S8, values, sizes), new float[] {scale}, NONE);
  }
}
