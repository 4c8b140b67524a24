package io.octet.internal.kernel.onednn;

import io.octet.graph.op.Window;
import io.octet.internal.kernel.Encoding;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.KernelSpec.PoolKind;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.PostOps;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.kernel.Weights;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import io.octet.testkit.Values;
import java.util.Locale;
import java.util.SplittableRandom;

/// One case of the sweep, written as one line from which it can be made again.
///
/// @param n images, or rows of a linear layer
/// @param c channels, or inputs of a linear layer
/// @param m output channels; those of a pool are its input's
/// @param x type of the input; weights are F32 where it is
/// @param xZero its zero point
/// @param y type of the output; S32 asks for the sums
/// @param yZero its zero point
/// @param seed of weights, bias and values
record SweepCase(
    Kind kind,
    int n,
    int c,
    int h,
    int w,
    int m,
    int groups,
    Window window,
    DataType x,
    int xZero,
    DataType y,
    int yZero,
    Post post,
    long seed) {
  enum Kind {
    CONV,
    LINEAR,
    MAX,
    AVERAGE,
    AVERAGE_INCLUDE_PAD
  }

  /// What stands behind the sums.
  enum Post {
    NONE,
    BIAS,
    BIAS_RELU,
    BIAS_CLIP,
    /// A residual of the output's type, or u8 into s8, then a ReLU.
    SUM_RELU,
    SUM_OF_FLOATS
  }

  private static final float SCALE = 0.05f;

  KernelSpec spec() {
    return switch (kind) {
      case CONV -> conv();
      case LINEAR -> linear();
      case MAX -> pool(PoolKind.MAX);
      case AVERAGE -> pool(PoolKind.AVERAGE);
      case AVERAGE_INCLUDE_PAD -> pool(PoolKind.AVERAGE_INCLUDE_PAD);
    };
  }

  /// Values for each input of {@link #spec}.
  Object[] inputs() {
    return Values.inputs(spec(), new SplittableRandom(seed + 1));
  }

  /// The case whose input has the form in which oneDNN was asked.
  SweepCase asked(KernelSpec.Conv spec) {
    return new SweepCase(
        kind,
        n,
        Math.toIntExact(spec.x().shape().size(1)),
        h,
        w,
        m,
        groups,
        window,
        spec.x().type(),
        spec.x().isInt8() ? spec.x().quant().zeroPoint() : 0,
        y,
        yZero,
        post,
        seed);
  }

  private KernelSpec.Conv conv() {
    Shape out = Shape.of(n, m, window.outputH(h, false), window.outputW(w, false));
    Weights weights = weights(m, c / groups, window.kernelH(), window.kernelW());
    TensorDesc result = value(y, yZero, Layout.CHANNELS_LAST, out, step(weights));
    TensorDesc in = value(x, xZero, Layout.CHANNELS_LAST, Shape.of(n, c, h, w), SCALE);
    return new KernelSpec.Conv(in, result, weights, window, groups, post(result));
  }

  private KernelSpec.Linear linear() {
    Weights weights = weights(m, c);
    TensorDesc in = value(x, xZero, Layout.ROW_MAJOR, Shape.of(n, c), SCALE);
    TensorDesc result = value(y, yZero, Layout.ROW_MAJOR, Shape.of(n, m), step(weights));
    return new KernelSpec.Linear(in, result, weights, post(result));
  }

  private KernelSpec.Pool pool(PoolKind pooling) {
    Shape out = Shape.of(n, c, window.outputH(h, false), window.outputW(w, false));
    return new KernelSpec.Pool(
        value(x, xZero, Layout.CHANNELS_LAST, Shape.of(n, c, h, w), SCALE),
        value(x, xZero, Layout.CHANNELS_LAST, out, SCALE),
        window,
        pooling);
  }

  private static TensorDesc value(
      DataType type, int zero, Layout layout, Shape shape, float scale) {
    return type.isInt8()
        ? TensorDesc.quantized(layout, shape, QuantParams.perTensor(type, scale, zero))
        : new TensorDesc(type, layout, shape, Encoding.PLAIN);
  }

  /// An output's scale that spreads the sums over its range.
  private float step(Weights weights) {
    double inner = (double) weights.values().elements() / weights.channels();
    return (float) (SCALE * 0.01 * 128 * Math.sqrt(inner));
  }

  private Weights weights(long... sizes) {
    SplittableRandom random = new SplittableRandom(seed);
    int count = Math.toIntExact(Shape.of(sizes).elements());
    boolean biased = y != DataType.S32 && post != Post.NONE;
    float[] bias = biased ? Values.floats(m, random) : new float[0];
    if (x == DataType.F32) {
      return new Weights(Tensor.of(Values.floats(count, random), sizes), new float[0], bias);
    }
    float[] scales = new float[seed % 2 == 0 || m == 1 ? 1 : m];
    for (int i = 0; i < scales.length; i++) {
      scales[i] = 0.01f + 0.0001f * (i % 16);
    }
    byte[] values = Values.bytes(DataType.S8, count, random);
    return new Weights(Tensor.of(DataType.S8, values, sizes), scales, bias);
  }

  private PostOps post(TensorDesc result) {
    if (y == DataType.S32) {
      return PostOps.NONE;
    }
    return switch (post) {
      case NONE, BIAS -> PostOps.NONE;
      case BIAS_RELU -> PostOps.RELU;
      case BIAS_CLIP -> PostOps.NONE.clamp(-1, 2.5f);
      case SUM_RELU -> {
        DataType added = y == DataType.S8 ? DataType.U8 : y;
        float scale = y.isInt8() ? result.quant().scale() * 0.7f : 1;
        yield PostOps.RELU.withResidual(value(added, 3, result.layout(), result.shape(), scale));
      }
      case SUM_OF_FLOATS ->
          PostOps.NONE.withResidual(TensorDesc.f32(result.layout(), result.shape()));
    };
  }

  /// One line, for {@link #parse}.
  @Override
  public String toString() {
    Window k = window;
    return "%s n%d c%d h%d w%d m%d g%d k%dx%d s%dx%d d%dx%d p%d,%d,%d,%d %s %d -> %s %d %s #%d"
        .formatted(
            kind,
            n,
            c,
            h,
            w,
            m,
            groups,
            k.kernelH(),
            k.kernelW(),
            k.strideH(),
            k.strideW(),
            k.dilationH(),
            k.dilationW(),
            k.padTop(),
            k.padLeft(),
            k.padBottom(),
            k.padRight(),
            x,
            xZero,
            y,
            yZero,
            post,
            seed)
        .toLowerCase(Locale.ROOT);
  }

  /// The case of a line.
  static SweepCase parse(String line) {
    String[] words = line.split(" ");
    int[] k = numbers(words[7]);
    int[] s = numbers(words[8]);
    int[] d = numbers(words[9]);
    int[] p = numbers(words[10]);
    return new SweepCase(
        Kind.valueOf(words[0].toUpperCase(Locale.ROOT)),
        numbers(words[1])[0],
        numbers(words[2])[0],
        numbers(words[3])[0],
        numbers(words[4])[0],
        numbers(words[5])[0],
        numbers(words[6])[0],
        Window.of(k[0], k[1]).stride(s[0], s[1]).dilation(d[0], d[1]).pads(p[0], p[1], p[2], p[3]),
        DataType.valueOf(words[11].toUpperCase(Locale.ROOT)),
        Integer.parseInt(words[12]),
        DataType.valueOf(words[14].toUpperCase(Locale.ROOT)),
        Integer.parseInt(words[15]),
        Post.valueOf(words[16].toUpperCase(Locale.ROOT)),
        Long.parseLong(words[17].substring(1)));
  }

  private static int[] numbers(String word) {
    String[] parts = word.substring(1).split("[x,]");
    int[] numbers = new int[parts.length];
    for (int i = 0; i < parts.length; i++) {
      numbers[i] = Integer.parseInt(parts[i]);
    }
    return numbers;
  }
}
