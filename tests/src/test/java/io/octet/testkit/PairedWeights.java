package io.octet.testkit;

import io.octet.graph.op.Window;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.PostOps;
import io.octet.internal.kernel.Saturation.Pairs;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.kernel.Weights;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/// Layers that are exact without VNNI only where a kernel adds, in 16 bits, the pairs of weights
/// that it is believed to add: these are as large as is safe, and almost any other two are not. All
/// inputs are 255, or each is 255 or 0.
public final class PairedWeights {
  private static final QuantParams U8 = QuantParams.perTensor(DataType.U8, 0.02f, 0);

  /// 255 * 128 is the largest sum that fits.
  private static final int[][] SAFE = {
    {127, 1}, {127, -128}, {127, 0}, {-128, 0}, {-127, -1}, {64, 64}, {-64, -64}, {100, 28}
  };

  private PairedWeights() {}

  /// Convolutions that ask for their sums, `count` of each kind: two kinds with few channels or
  /// many, in groups or not; of one tap; of whole blocks of 16 channels.
  public static Stream<Case> convs(int count, Pairs pairs) {
    return Stream.<Case.Family>of(
            random -> conv(random, pairs),
            random -> conv(random, pairs),
            random -> conv(random, pairs, pointwise(random)),
            random -> conv(random, pairs, blocks(random)))
        .flatMap(family -> cases(count, family));
  }

  /// Linear layers that ask for their sums.
  public static Stream<Case> linears(int count) {
    return cases(
        count,
        random -> {
          int k = random.nextInt(1, random.nextBoolean() ? 40 : Specs.EXACT_INNER + 1);
          int n = random.nextInt(1, 70);
          int m = random.nextInt(1, 10);
          byte[] weights = new byte[n * k];
          for (int row = 0; row < n; row++) {
            fill(random, weights, row * k, k);
          }
          return new KernelSpec.Linear(
              TensorDesc.quantized(Layout.ROW_MAJOR, Shape.of(m, k), U8),
              TensorDesc.accumulators(Layout.ROW_MAJOR, Shape.of(m, n)),
              new Weights(Tensor.of(DataType.S8, weights, n, k), new float[] {0.01f}, new float[0]),
              PostOps.NONE);
        });
  }

  /// Convolutions of any weights over inputs that are known to be at most 128, which is as much as
  /// no pair of them saturates for; most are 128.
  public static Stream<Case> bounded(int count) {
    return Case.random(
            count,
            random -> {
              ConvShape shape = shape(random, 1, Specs.window(random, 9, 9, 3));
              KernelSpec.Conv s = ConvShape.raw(random, U8, shape);
              return new KernelSpec.Conv(
                  s.x().bounded(128), s.y(), s.weights(), s.window(), s.groups(), s.post());
            })
        .map(c -> new Case(c.spec(), new Object[] {atMost128(c)}, c.replay()));
  }

  private static byte[] atMost128(Case c) {
    byte[] values = ((byte[]) c.inputs()[0]).clone();
    for (int i = 0; i < values.length; i++) {
      values[i] = (byte) Math.min(128, values[i] & 0xff);
    }
    return values;
  }

  private static Stream<Case> cases(int count, Case.Family family) {
    return Case.random(count, family)
        .map(c -> new Case(c.spec(), new Object[] {inputs(c)}, c.replay()));
  }

  /// The values that were made decide, so that a seed gives the same again.
  private static byte[] inputs(Case c) {
    byte[] values = (byte[]) c.inputs()[0];
    boolean both = values[0] < 0;
    for (int i = 0; i < values.length; i++) {
      values[i] = (byte) (both && values[i] > 63 ? 0 : 255);
    }
    return values;
  }

  /// A convolution of any kind.
  public static KernelSpec.Conv conv(RandomGenerator random, Pairs pairs) {
    int groups = random.nextInt(3) > 0 ? 1 : random.nextInt(2, 5);
    return conv(random, pairs, shape(random, groups, Specs.window(random, 9, 9, 3)));
  }

  private static ConvShape pointwise(RandomGenerator random) {
    return shape(random, 1, Window.of(1, 1).stride(random.nextInt(1, 3), random.nextInt(1, 3)));
  }

  private static ConvShape shape(RandomGenerator random, int groups, Window window) {
    int c = groups * random.nextInt(1, random.nextBoolean() ? 6 : 50);
    int m = groups * random.nextInt(1, 50);
    int n = random.nextInt(1, 3);
    return new ConvShape(n, c, random.nextInt(9, 12), random.nextInt(9, 20), m, groups, window);
  }

  private static ConvShape blocks(RandomGenerator random) {
    int groups = random.nextInt(4) > 0 ? 1 : random.nextInt(2, 5);
    int c = 16 * groups * random.nextInt(1, 7);
    int m = 16 * groups * random.nextInt(1, 7);
    Window window = Specs.window(random, 5, 5, 3);
    return new ConvShape(1, c, random.nextInt(5, 9), random.nextInt(5, 30), m, groups, window);
  }

  private static KernelSpec.Conv conv(RandomGenerator random, Pairs pairs, ConvShape shape) {
    Shape w = shape.weights();
    int inner = Math.toIntExact(w.size(1));
    int taps = Math.toIntExact(w.size(2) * w.size(3));
    byte[] values = new byte[Math.toIntExact(w.elements())];
    byte[] channel = new byte[inner * taps];
    int run = pairs == Pairs.NEIGHBOURS ? channel.length : inner;
    for (int start = 0; start < values.length; start += channel.length) {
      for (int from = 0; from < channel.length; from += run) {
        fill(random, channel, from, run);
      }
      for (int i = 0; i < channel.length; i++) {
        values[start + i % inner * taps + i / inner] = channel[i];
      }
    }
    return shape.raw(U8, values);
  }

  /// Neighbours from `from` on.
  private static void fill(RandomGenerator random, byte[] to, int from, int count) {
    for (int i = from; i < from + count; i += 2) {
      int[] pair = SAFE[random.nextInt(SAFE.length)];
      int first = random.nextInt(2);
      to[i] = (byte) pair[first];
      if (i + 1 < from + count) {
        to[i + 1] = (byte) pair[1 - first];
      }
    }
  }
}
