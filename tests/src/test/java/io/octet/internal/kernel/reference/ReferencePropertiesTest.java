package io.octet.internal.kernel.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.graph.op.Window;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.KernelSpec.PoolKind;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.PostOps;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.kernel.Weights;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantMath;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.Seeds;
import io.octet.testkit.SpecRunner;
import io.octet.testkit.SpecRunner.Output;
import io.octet.testkit.Specs;
import io.octet.testkit.Values;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The oracle against what must hold whatever the numbers are.
class ReferencePropertiesTest {
  private static final float[] NONE = {};

  static LongStream seeds() {
    return Seeds.cases(25);
  }

  @ParameterizedTest(name = "-Dtest.seed={0}")
  @MethodSource("seeds")
  void theLayoutsOfAConvolutionChangeNothingButTheOrder(long seed) {
    RandomGenerator random = new SplittableRandom(seed);
    KernelSpec.Conv nhwc = Specs.conv(random, DataType.U8, DataType.S32, Layout.CHANNELS_LAST);
    KernelSpec.Conv nchw =
        new KernelSpec.Conv(
            nhwc.x().in(Layout.ROW_MAJOR),
            nhwc.y().in(Layout.ROW_MAJOR),
            nhwc.weights(),
            nhwc.window(),
            nhwc.groups(),
            nhwc.post());
    byte[] x = (byte[]) Values.of(nchw.x(), random);
    Output reordered = run(new KernelSpec.Convert(nchw.x(), nhwc.x()), x);
    Output back =
        run(new KernelSpec.Convert(nhwc.y(), nchw.y()), run(nhwc, reordered.raw()).ints());
    assertArrayEquals(run(nchw, x).ints(), back.ints());
  }

  @ParameterizedTest(name = "-Dtest.seed={0}")
  @MethodSource("seeds")
  void aZeroPointTakesItsShareOfTheWeightsFromEverySum(long seed) {
    RandomGenerator random = new SplittableRandom(seed);
    KernelSpec.Linear spec = Specs.linear(random, DataType.U8, DataType.S32);
    TensorDesc plain =
        TensorDesc.quantized(
            Layout.ROW_MAJOR, spec.x().shape(), QuantParams.perTensor(DataType.U8, 1, 0));
    byte[] x = (byte[]) Values.of(spec.x(), random);
    int[] centered = run(spec, x).ints();
    int[] raw = run(new KernelSpec.Linear(plain, spec.y(), spec.weights(), PostOps.NONE), x).ints();
    Tensor w = spec.weights().values().tensor();
    int inner = (int) w.shape().size(1);
    for (int i = 0; i < raw.length; i++) {
      int channel = i % spec.weights().channels();
      int sum = 0;
      for (int k = 0; k < inner; k++) {
        sum += (int) w.getInteger((long) channel * inner + k);
      }
      assertEquals(centered[i], raw[i] - spec.x().quant().zeroPoint() * sum);
    }
  }

  @ParameterizedTest(name = "-Dtest.seed={0}")
  @MethodSource("seeds")
  void aDilatedWindowIsADenseOneWithZerosBetweenItsTaps(long seed) {
    RandomGenerator random = new SplittableRandom(seed);
    int dilation = random.nextInt(2, 5);
    int extent = 2 * dilation + 1;
    TensorDesc x =
        Specs.activation(random, DataType.S8, Layout.CHANNELS_LAST, Shape.of(2, 3, 7, extent + 2));
    Window dense = Window.of(1, extent).pads(0, 2, 0, 1);
    Window dilated = Window.of(1, 3).dilation(1, dilation).pads(0, 2, 0, 1);
    TensorDesc y =
        TensorDesc.accumulators(
            Layout.CHANNELS_LAST, Shape.of(2, 5, 7, dense.outputW(extent + 2, false)));
    byte[] taps = Values.bytes(DataType.S8, 5 * 3 * 3, random);
    byte[] spread = new byte[5 * 3 * extent];
    for (int i = 0; i < taps.length; i++) {
      spread[i / 3 * extent + i % 3 * dilation] = taps[i];
    }
    byte[] values = (byte[]) Values.of(x, random);
    assertArrayEquals(
        run(conv(x, y, s8(spread, 5, 3, 1, extent), dense), values).ints(),
        run(conv(x, y, s8(taps, 5, 3, 1, 3), dilated), values).ints());
  }

  @ParameterizedTest(name = "-Dtest.seed={0}")
  @MethodSource("seeds")
  void aPointwiseConvolutionIsALinearLayerOverPixels(long seed) {
    RandomGenerator random = new SplittableRandom(seed);
    int c = random.nextInt(1, 30);
    int m = random.nextInt(1, 30);
    QuantParams quant = Specs.quant(random, DataType.U8);
    TensorDesc image = TensorDesc.quantized(Layout.CHANNELS_LAST, Shape.of(2, c, 3, 5), quant);
    TensorDesc rows = TensorDesc.quantized(Layout.ROW_MAJOR, Shape.of(30, c), quant);
    TensorDesc imageOut = TensorDesc.accumulators(Layout.CHANNELS_LAST, Shape.of(2, m, 3, 5));
    TensorDesc rowsOut = TensorDesc.accumulators(Layout.ROW_MAJOR, Shape.of(30, m));
    byte[] w = Values.bytes(DataType.S8, m * c, random);
    byte[] x = (byte[]) Values.of(image, random);
    assertArrayEquals(
        run(new KernelSpec.Linear(rows, rowsOut, s8(w, m, c), PostOps.NONE), x).ints(),
        run(conv(image, imageOut, s8(w, m, c, 1, 1), Window.of(1, 1)), x).ints());
  }

  @ParameterizedTest(name = "-Dtest.seed={0}")
  @MethodSource("seeds")
  void anInt8LayerIsTheFloatLayerOfItsRealValuesToWithinOneStep(long seed) {
    RandomGenerator random = new SplittableRandom(seed);
    KernelSpec.Conv spec = Specs.conv(random, DataType.S8, DataType.U8, Layout.CHANNELS_LAST);
    Weights w = spec.weights();
    float[] reals = new float[Math.toIntExact(w.values().elements())];
    for (int i = 0; i < reals.length; i++) {
      reals[i] = w.values().tensor().getInteger(i) * w.scale(i / (reals.length / w.channels()));
    }
    TensorDesc real = TensorDesc.f32(Layout.CHANNELS_LAST, spec.x().shape());
    KernelSpec.Conv floats =
        new KernelSpec.Conv(
            real,
            spec.y(),
            new Weights(Tensor.of(reals, w.values().shape().sizes()), NONE, w.bias()),
            spec.window(),
            spec.groups(),
            spec.post());
    Object[] inputs = Values.inputs(spec, random);
    int[] quantized = run(spec, inputs).ints();
    inputs[0] = run(new KernelSpec.Convert(spec.x(), real), inputs[0]).floats();
    int[] expected = run(floats, inputs).ints();
    for (int i = 0; i < expected.length; i++) {
      assertTrue(Math.abs(expected[i] - quantized[i]) <= 1, spec.describe());
    }
  }

  @ParameterizedTest(name = "-Dtest.seed={0}")
  @MethodSource("seeds")
  void aTransposeIsUndoneByItsInverse(long seed) {
    RandomGenerator random = new SplittableRandom(seed);
    KernelSpec.Transpose there = Specs.transpose(random);
    Integer[] inverse = new Integer[there.perm().size()];
    for (int i = 0; i < inverse.length; i++) {
      inverse[there.perm().get(i)] = i;
    }
    KernelSpec back = new KernelSpec.Transpose(there.y(), there.x(), Arrays.asList(inverse));
    byte[] y = run(there, Values.of(there.x(), random)).raw();
    Object values = there.y().isInt8() ? y : new Output(there.y(), y).floats();
    SplittableRandom again = new SplittableRandom(seed);
    Object x = Values.of(Specs.transpose(again).x(), again);
    Output restored = run(back, values);
    if (x instanceof byte[] bytes) {
      assertArrayEquals(bytes, restored.raw());
    } else {
      assertArrayEquals((float[]) x, restored.floats());
    }
  }

  @ParameterizedTest(name = "-Dtest.seed={0}")
  @MethodSource("seeds")
  void theLargestValueIsOneOfTheWindowAndTheMeanLiesBetweenTheEnds(long seed) {
    RandomGenerator random = new SplittableRandom(seed);
    QuantParams quant = Specs.quant(random, DataType.U8);
    Shape shape = Shape.of(1, 4, 5, 6);
    TensorDesc x = TensorDesc.quantized(Layout.ROW_MAJOR, shape, quant);
    TensorDesc y = TensorDesc.quantized(Layout.ROW_MAJOR, Shape.of(1, 4, 1, 1), quant);
    byte[] values = (byte[]) Values.of(x, random);
    int[] max = run(new KernelSpec.Pool(x, y, Window.of(5, 6), PoolKind.MAX), values).ints();
    int[] mean = run(new KernelSpec.Pool(x, y, Window.of(5, 6), PoolKind.AVERAGE), values).ints();
    for (int c = 0; c < 4; c++) {
      int[] plane = new int[30];
      for (int i = 0; i < plane.length; i++) {
        plane[i] = QuantMath.widen(values[c * 30 + i], DataType.U8);
      }
      assertEquals(Arrays.stream(plane).max().getAsInt(), max[c]);
      assertEquals(Math.rint(Arrays.stream(plane).average().getAsDouble()), mean[c], 1);
    }
  }

  private static KernelSpec conv(TensorDesc x, TensorDesc y, Weights w, Window window) {
    return new KernelSpec.Conv(x, y, w, window, 1, PostOps.NONE);
  }

  private static Weights s8(byte[] values, long... sizes) {
    return new Weights(Tensor.of(DataType.S8, values, sizes), new float[] {1}, NONE);
  }

  private static Output run(KernelSpec spec, Object... inputs) {
    return SpecRunner.run(new ReferenceBackend(), spec, inputs);
  }
}
